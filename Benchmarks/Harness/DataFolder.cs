namespace ActorPerf.Benchmarks.Harness;

/// <summary>A folder on a real disk for the time of a scenario, where a sync costs what it costs.</summary>
internal sealed class DataFolder : IDisposable
{
    public DataFolder()
    {
        var parent = Environment.GetEnvironmentVariable("ACTORPERF_BENCH_DATA") is { Length: > 0 } named ? named : DiskFolder();
        Path = System.IO.Path.Combine(parent, $"actorperf-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string DiskFolder()
    {
        var temporary = System.IO.Path.GetTempPath();
        return IsMemory(temporary) ? AppContext.BaseDirectory : temporary;
    }

    // The drive whose root is the longest prefix of the folder is the one that holds it.
    private static bool IsMemory(string folder) => DriveInfo.GetDrives()
        .Where(drive => folder.StartsWith(drive.RootDirectory.FullName, StringComparison.Ordinal))
        .OrderByDescending(drive => drive.RootDirectory.FullName.Length)
        .FirstOrDefault() is { DriveFormat: "tmpfs" or "ramfs" };
}
