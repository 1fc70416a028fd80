using System.Diagnostics;
using System.Text;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Kernel;

/// <summary>The whole solution, built with <c>AkkaPackages=true</c>: the packages are taken out of a copy of it and stubs of their listing put in.</summary>
public sealed class PackagesSolutionTests : IDisposable
{
    private static readonly string[] LeftBehind = ["bin", "obj", "data", "artifacts", "TestResults", ".git", ".vs", ".idea"];

    private readonly string _folder = Directory.CreateTempSubdirectory("actorperf-solution-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [FullFact]
    public async Task The_whole_solution_builds_on_stubs_of_the_packages()
    {
        var stubs = await StubsAsync();
        var solution = Directory.CreateDirectory(Path.Combine(_folder, "solution")).FullName;
        Copy(SourceTree.Root, solution);
        var instead = Path.Combine(_folder, "instead.targets");
        await File.WriteAllTextAsync(instead, $"""
            <Project>
              <ItemGroup>
                <PackageReference Remove="Akka.Cluster.Hosting;Akka.Persistence.Sql;Akka.Streams;Akka.TestKit;Petabridge.Cmd.Host;Petabridge.Cmd.Cluster" />
                <Reference Include="{stubs}" />
              </ItemGroup>
            </Project>
            """, TestContext.Current.CancellationToken);
        await RunAsync(solution, "build", "ActorPerf.sln", "-v", "q", "-nologo", "-nodeReuse:false", "-p:RunAnalyzers=false", "-p:AkkaPackages=true", $"-p:CustomAfterMicrosoftCommonTargets={instead}");
        var library = Directory.EnumerateFiles(Path.Combine(solution, "Actors", "bin"), "ActorPerf.Actors.dll", SearchOption.AllDirectories).First();
        Assert.False(Mentions(library, "ActorSystemImpl"), "The kernel is in the library of the packages build.");
    }

    private static bool Mentions(string library, string name) => File.ReadAllBytes(library).AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) >= 0;

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            var name = Path.GetFileName(folder);
            if (!LeftBehind.Contains(name)) Copy(folder, Directory.CreateDirectory(Path.Combine(to, name)).FullName);
        }
    }

    private async Task<string> StubsAsync()
    {
        var (source, library) = (Path.Combine(_folder, "Akka.cs"), Path.Combine(_folder, "Akka.dll"));
        await File.WriteAllTextAsync(source, AkkaStubs.Write(AkkaListing.Read()));
        Assert.Equal("", await Csc.CompileAsync(library, [source], "-warn:0"));
        return library;
    }

    private static async Task RunAsync(string folder, params string[] arguments)
    {
        using var dotnet = Process.Start(new ProcessStartInfo(Csc.Dotnet, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var said = await dotnet.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await dotnet.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(dotnet.ExitCode == 0, said);
    }
}
