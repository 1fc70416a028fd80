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

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
