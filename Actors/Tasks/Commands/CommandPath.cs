namespace ActorPerf.Tasks.Commands;

/// <summary>Where an executable is: a bare name is looked for in <c>PATH</c>, one with a slash counts from the configuration's folder.</summary>
internal static class CommandPath
{
    /// <returns>An absolute path; null where there is none.</returns>
    public static string? Find(string name, string folder, string? path)
    {
        if (name.Contains('/', StringComparison.Ordinal) || Path.IsPathRooted(name))
            return Path.GetFullPath(name, folder) is var full && File.Exists(full) ? full : null;
        foreach (var place in (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            foreach (var ending in Endings)
                if (Path.GetFullPath(Path.Combine(place, name + ending), folder) is var full && IsExecutable(full)) return full;
        return null;
    }

    private static string[] Endings => OperatingSystem.IsWindows() ? ["", ".exe", ".cmd", ".bat"] : [""];

    private static bool IsExecutable(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
