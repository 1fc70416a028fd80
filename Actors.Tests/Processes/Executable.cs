using System.Diagnostics;
using ActorPerf.Cluster;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Processes;

/// <summary>The built program, as a user starts it.</summary>
internal static class Executable
{
    /// <summary>Longer than anything here takes on a busy machine; what is not over by then hangs.</summary>
    public static readonly TimeSpan Patience = RunningProgram.Patience;

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "actorperf.exe" : "actorperf");

    /// <summary>Starts it in a folder; whoever starts it disposes it.</summary>
    public static RunningProgram Start(string folder, params IEnumerable<string> arguments) => Start(Path, folder, arguments);

    /// <summary>Starts it deaf to a signal that would end it, such as <c>XFSZ</c>.</summary>
    public static RunningProgram StartIgnoring(string signal, string folder, params IEnumerable<string> arguments) =>
        Start("/bin/sh", folder, ["-c", $"trap '' {signal}; exec \"$0\" \"$@\"", Path, .. arguments]);

    /// <summary>Starts it so that it dies at a named place (docs/invariants.md).</summary>
    public static RunningProgram StartToCrash(string point, string folder, params IEnumerable<string> arguments) => Start(Path, folder, arguments, point);

    private static RunningProgram Start(string program, string folder, IEnumerable<string> arguments, string? crashAt = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What the machine is configured with is not for these nodes.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ACTORPERF", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        if (crashAt is not null) start.Environment[CrashPoints.Variable] = crashAt;
        start.Environment["DOTNET_TieredPGO"] = "0";          // lives of seconds: measuring code for later costs more than it brings
        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Runs it to its end as somebody whom permissions stop: root gives up that privilege before.</summary>
    public static async Task<Ended> RunObeyingPermissionsAsync(string folder, params IEnumerable<string> arguments)
    {
        var isRoot = Environment.UserName == "root";
        Assert.SkipWhen(isRoot && !File.Exists(Setpriv), "install setpriv, or run as another user than root: apt-get install -y util-linux");
        await using var program = isRoot
            ? Start(Setpriv, folder, ["--bounding-set=-dac_override,-dac_read_search", Path, .. arguments])
            : Start(folder, arguments);
        return new Ended(await program.ExitAsync(), program.Out, program.Error);
    }

    private const string Setpriv = "/usr/bin/setpriv";

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ended> RunAsync(string folder, params IEnumerable<string> arguments)
    {
        await using var program = Start(folder, arguments);
        return new Ended(await program.ExitAsync(), program.Out, program.Error);
    }

    /// <summary>What a run left behind.</summary>
    public sealed record Ended(int Code, string Out, string Error);
}
