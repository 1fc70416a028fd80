using System.Diagnostics;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Kernel;

/// <summary>That the stubs hold a build on Akka.NET's packages to what those have: a listing that let everything pass would prove nothing.</summary>
public sealed class PackagesBuildTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FullFact]
    public async Task A_member_that_Akka_lacks_does_not_compile()
    {
        var strange = await WriteAsync("Strange.cs", "class Strange { void Run(Akka.Actor.ActorSystem system) { system.Dispose(); system.Hurry(); } }");
        var complaints = await Csc.CompileAsync(Path.Combine(_folder, "packages.dll"), [await WriteAsync("Akka.cs", AkkaStubs.Write(AkkaListing.Read())), strange], "-warn:0");
        Assert.Contains("Hurry", complaints, StringComparison.Ordinal);
        Assert.DoesNotContain("Dispose", complaints, StringComparison.Ordinal);
    }

    [FullFact]
    public async Task What_Akka_s_analyzers_warn_of_stops_no_build_on_the_packages()
    {
        using var dotnet = Process.Start(new ProcessStartInfo(
            Csc.Dotnet, ["msbuild", Path.Combine(SourceTree.Root, "Actors", "Actors.csproj"), "-nodeReuse:false", "-p:AkkaPackages=true", "-getProperty:WarningsNotAsErrors"])
            { RedirectStandardOutput = true })!;
        var said = await dotnet.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await dotnet.WaitForExitAsync(TestContext.Current.CancellationToken);
        var spared = said.Trim().Split(';');
        Assert.Contains("NU1901", spared);
        for (var rule = 0; rule <= 8; rule++) Assert.Contains($"AK100{rule}", spared);
        for (var rule = 0; rule <= 5; rule++) Assert.Contains($"AK200{rule}", spared);
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
