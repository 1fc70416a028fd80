namespace ActorPerf.Tests.Node;

/// <summary>An empty folder of the test's own, gone afterwards.</summary>
/// <param name="inMemory">Where there is a file system in memory it lies there: for tests of what is written, not of what is durable.</param>
internal sealed class TestFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Root { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory($"{Memory}/actorperf-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("actorperf-").FullName;

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
