using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Kernel;

/// <summary>The build on Akka.NET's packages, as far as it can be proved without them: the same sources, compiled against stubs of their listing.</summary>
public sealed class PackagesBuildTests : IDisposable
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; "
        + "global using System.Threading; global using System.Threading.Tasks;";

    private static readonly string[] Product = ["-nullable:enable", "-define:AKKA_PACKAGES;NET;NET10_0;NET10_0_OR_GREATER", "-warnaserror-", "-warn:0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_sources_of_the_packages_build_compile_against_the_listing_of_Akka()
    {
        var stubs = await StubsAsync();
        await RefusesAsync("class Strange { void Run(Akka.Actor.ActorSystem system) => system.Hurry(); }", "Hurry", stubs);
        var actors = await CompileAsync("ActorPerf.Actors", ActorSources(), [stubs], "global using Microsoft.Extensions.Logging;");
        await CompileAsync(
            "actorperf", ["Node/Akka/AkkaHosting.cs"], [stubs, actors],
            "global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection;");
        await CompileAsync("ActorPerf.Tests", ["Actors/ActorUsings.cs", .. SourceTree.Files("Actors.Tests/TestKit", ".cs").Select(file => file.Name)], [stubs, actors], "global using Xunit;");
    }

    private static IEnumerable<string> ActorSources() =>
        SourceTree.Files("Actors", ".cs").Select(file => file.Name).Where(name =>
            name == "Actors/Kernel/Inspection/IActorInspector.cs"
            || (!name.StartsWith("Actors/Kernel/", StringComparison.Ordinal) && !name.Contains("/Simulation/", StringComparison.Ordinal)));

    private async Task<string> StubsAsync()
    {
        var (source, library) = (Path.Combine(_folder, "Akka.cs"), Path.Combine(_folder, "Akka.dll"));
        await File.WriteAllTextAsync(source, AkkaStubs.Write(AkkaListing.Read()));
        Compiled("the stubs", await Csc.CompileAsync(library, [source], [], "-warn:0"));
        return library;
    }

    /// <summary>What keeps this test honest: a member that Akka.NET lacks is noticed.</summary>
    private async Task RefusesAsync(string code, string because, string stubs)
    {
        var source = Path.Combine(_folder, "strange.cs");
        await File.WriteAllTextAsync(source, code);
        Assert.Contains(because, await Csc.CompileAsync(Path.Combine(_folder, "strange.dll"), [source], [stubs], Product), StringComparison.Ordinal);
    }

    private async Task<string> CompileAsync(string name, IEnumerable<string> sources, string[] references, string usings)
    {
        var (implicits, library) = (Path.Combine(_folder, $"{name}.usings.cs"), Path.Combine(_folder, $"{name}.dll"));
        await File.WriteAllTextAsync(implicits, $"{ImplicitUsings} {usings}");
        Compiled(name, await Csc.CompileAsync(library, [implicits, .. sources.Select(file => Path.Combine(SourceTree.Root, file))], references, Product));
        return library;
    }

    private static void Compiled(string what, string complaints) =>
        Assert.True(complaints.Length == 0, $"{what} does not compile on the packages:\n{string.Join('\n', complaints.Split('\n').Distinct().Take(30))}");
}
