namespace ActorPerf.Node;

/// <summary>How a person started this program, so that hints can be typed as they stand.</summary>
public static class StartedAs
{
    /// <summary>Of this process.</summary>
    public static string Detect() => Describe(
        Environment.ProcessPath ?? "actorperf", Environment.GetCommandLineArgs()[0], Environment.CurrentDirectory,
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), folder => Directory.EnumerateFiles(folder, "*.csproj").Any());

    /// <param name="program">Path of the running executable: this one's, or that of <c>dotnet</c>.</param>
    /// <param name="assembly">Path of the assembly that was started.</param>
    /// <param name="folder">The current folder; paths in hints are relative to it.</param>
    /// <param name="searched">Folders in which the shell looks for programs.</param>
    /// <param name="isProject">Whether a folder holds a project file.</param>
    public static string Describe(string program, string assembly, string folder, IReadOnlyList<string> searched, Func<string, bool> isProject)
    {
        if (ProjectOf(program, isProject) is { } project) return $"dotnet run --project {Quoted(Shown(project, folder))} --";
        if (IsDotnet(program)) return $"dotnet {Quoted(Shown(assembly, folder))}";
        var home = Path.GetDirectoryName(program);
        return searched.Any(one => one.Length > 0 && Path.TrimEndingDirectorySeparator(one) == home)
            ? Path.GetFileNameWithoutExtension(program)
            : Quoted(Runnable(Shown(program, folder)));
    }

    private static bool IsDotnet(string program) => Path.GetFileNameWithoutExtension(program) == "dotnet";

    /// <summary>The project when the executable lies where a build puts it: <c>PROJECT/bin/CONFIGURATION/FRAMEWORK/</c>.</summary>
    private static string? ProjectOf(string program, Func<string, bool> isProject)
    {
        var bin = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(program)));
        return bin is not null && Path.GetFileName(bin) == "bin" && Path.GetDirectoryName(bin) is { } project && isProject(project) ? project : null;
    }

    private static string Shown(string path, string folder)
    {
        var relative = Path.GetRelativePath(folder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static string Runnable(string path) => path.Contains(Path.DirectorySeparatorChar) ? path : Path.Combine(".", path);

    private static string Quoted(string path) => path.Contains(' ') ? $"\"{path}\"" : path;
}
