using System.Globalization;

namespace ActorPerf.Tasks.Commands;

/// <summary>What the end of a process means for its attempt. Pure.</summary>
internal static class ExitRules
{
    /// <summary>EX_TEMPFAIL of sysexits.h: another attempt may help.</summary>
    public const int Retry = 75;

    /// <summary>Exit codes after which another attempt would fail the same way: EX_USAGE, EX_DATAERR, EX_NOPERM and EX_CONFIG of sysexits.h,
    /// and a shell's "cannot be run" and "not found".</summary>
    public static IReadOnlyList<int> NotRetryable { get; } = [64, 65, 77, 78, 126, 127];

    // Those of Linux; macOS counts a few of them differently.
    private static readonly Dictionary<int, string> Names = new()
    {
        [1] = "HUP", [2] = "INT", [3] = "QUIT", [4] = "ILL", [5] = "TRAP", [6] = "ABRT", [7] = "BUS", [8] = "FPE", [9] = "KILL", [10] = "USR1",
        [11] = "SEGV", [12] = "USR2", [13] = "PIPE", [14] = "ALRM", [15] = "TERM", [24] = "XCPU", [25] = "XFSZ", [31] = "SYS",
    };

    /// <summary>The failure of a process that did not end with 0.</summary>
    /// <param name="command">Its name, for people.</param>
    /// <param name="errors">What it wrote to its standard error.</param>
    public static TaskError Failure(ChildExit exit, string command, ErrorLines errors)
    {
        if (!exit.Known)
            return new TaskError("exit-unknown", $"How command '{command}' ended was told to somebody else: other code of this process waits for all children.");
        var type = exit.Signal == 0 ? string.Create(CultureInfo.InvariantCulture, $"exit-{exit.Code}") : $"signal-{Name(exit.Signal)}";
        var words = errors.Tail is { Length: > 0 } tail ? tail : $"Command '{command}' ended with {Words(exit)} and wrote nothing to standard error.";
        return new TaskError(type, words, exit.Signal != 0 || !NotRetryable.Contains(exit.Code)) { RetryAfter = errors.RetryAfter };
    }

    private static string Words(ChildExit exit) => exit.Signal == 0 ? $"exit code {exit.Code}" : $"signal {Name(exit.Signal)}";

    private static string Name(int signal) => Names.GetValueOrDefault(signal) ?? signal.ToString(CultureInfo.InvariantCulture);
}
