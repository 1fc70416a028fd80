namespace ActorPerf.Tasks.Commands;

/// <summary>Starts children, and says why one did not start.</summary>
internal static class ChildStart
{
    private const int MostTries = 3;

    /// <exception cref="ChildStartException">There is no such program or folder, or the system refuses.</exception>
    public static IChild Start(ChildSpec spec)
    {
        if (!Directory.Exists(spec.Folder))
            throw new ChildStartException("command-not-found", $"The working folder '{spec.Folder}' of command '{spec.Command[0]}' does not exist. Create it, or correct the task's directory.", retryable: false);
        var program = CommandPath.Find(spec.Command[0], spec.Base, spec.Environment.GetValueOrDefault("PATH")) ?? throw Missing(spec);
        if (OperatingSystem.IsWindows()) return WindowsChild.Start(spec, program);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return PosixChild.Start(spec, program);
            }
            catch (ChildStartException fault) when (fault.Error.Type == BusyText && attempt < MostTries)
            {
                // Somebody is just writing the file, or has been forked while it was written: gone in a moment.
            }
        }
    }

    private const string BusyText = "command-busy";

    /// <param name="error">The system's number; its <paramref name="words"/> say it.</param>
    public static ChildStartException Fault(ChildSpec spec, string program, int error, string words) => error switch
    {
        SystemErrors.NoSuchFile => new("command-not-found", $"'{program}' cannot be started ({words}): the interpreter that its first line names is missing. Install it, or correct the task's command.", false),
        SystemErrors.NoAccess => new("command-not-found", $"'{program}' cannot be started ({words}). Make it executable (chmod +x), or name its interpreter in the task's command.", false),
        SystemErrors.NoExecFormat => new("command-not-found", $"'{program}' is no program of this system ({words}). Give it a first line such as #!/bin/sh, or name its interpreter in the task's command.", false),
        SystemErrors.TooLong => new("command-not-started", $"'{program}' got too long a command or environment ({words}). Shorten what the task's configuration gives it.", false),
        SystemErrors.TextBusy => new(BusyText, $"'{program}' is being written ({words}). Try again.", true),
        _ => new("command-not-started", $"'{program}' cannot be started in '{spec.Folder}' ({words}). The node may be short of memory, processes or open files.", true),
    };

    private static ChildStartException Missing(ChildSpec spec) => new("command-not-found", spec.Command[0].Contains('/', StringComparison.Ordinal)
        ? $"Command '{spec.Command[0]}' is not there, seen from '{spec.Base}'. Create it, or correct the task's command."
        : $"Command '{spec.Command[0]}' is in no folder of PATH as the node hands it on ({(spec.Environment.GetValueOrDefault("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Length} folders). Install it, or name its whole path in the task's command.", retryable: false);
}
