using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Kernel;

/// <summary>The build on Akka.NET's packages, as far as it can be proved without them: the same sources, compiled with stubs of their listing.</summary>
public sealed class PackagesBuildTests : IDisposable
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http;
        global using System.Threading; global using System.Threading.Tasks; global using Xunit;
        global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Logging;
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FullFact]
    public async Task The_sources_of_the_packages_build_compile_against_the_listing_of_Akka()
    {
        var complaints = await CompileAsync([.. Sources().Select(file => Path.Combine(SourceTree.Root, file)), await WriteAsync("Usings.cs", Usings)], generate: true);
        Assert.True(complaints.Length == 0, $"With AkkaPackages=true this does not compile:\n{string.Join('\n', complaints.Split('\n').Distinct().Take(30))}");
    }

    [FullFact]
    public async Task A_member_that_Akka_lacks_does_not_compile()
    {
        var complaints = await CompileAsync([await WriteAsync("Strange.cs", "class Strange { void Run(Akka.Actor.ActorSystem system) { system.Dispose(); system.Hurry(); } }")], generate: false);
        Assert.Contains("Hurry", complaints, StringComparison.Ordinal);
        Assert.DoesNotContain("Dispose", complaints, StringComparison.Ordinal);
    }

    /// <summary>What that build has and the default one has too, or has alone: the library, the node's hosting, the TestKit's tests.</summary>
    private static IEnumerable<string> Sources() =>
        SourceTree.Files("Actors", ".cs").Select(file => file.Name).Where(name =>
                name == "Actors/Kernel/Inspection/IActorInspector.cs"
                || (!name.StartsWith("Actors/Kernel/", StringComparison.Ordinal) && !name.Contains("/Simulation/", StringComparison.Ordinal)))
            .Concat(SourceTree.Files("Actors.Tests/TestKit", ".cs").Select(file => file.Name))
            .Append("Node/Akka/AkkaHosting.cs");

    private async Task<string> CompileAsync(IEnumerable<string> sources, bool generate) => await Csc.CompileAsync(
        Path.Combine(_folder, "packages.dll"), [await WriteAsync("Akka.cs", AkkaStubs.Write(AkkaListing.Read())), .. sources], generate,
        "-nullable:enable", "-define:AKKA_PACKAGES;NET;NET10_0;NET10_0_OR_GREATER", "-warn:0");

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
