using ActorPerf.Node.Output;
using ActorPerf.Setup;

namespace ActorPerf.Node.Serving;

/// <summary>Work on a node's files without a running node.</summary>
public static class Offline
{
    /// <summary>Checks every invariant of the configured database, read-only.</summary>
    /// <param name="arguments">What configures the node, as in <see cref="ServeArguments.Arguments"/>.</param>
    /// <param name="show">Called once with the outcome; prints it in the format that was asked for.</param>
    /// <param name="messages">For people: what is wrong and what to do next.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>: done, refused when an invariant is broken, configuration.</returns>
    public static async Task<int> VerifyAsync(
        IReadOnlyList<string> arguments, Action<Verification> show, TextWriter messages, CancellationToken ct)
    {
        try
        {
            var storage = NodeSettings.Read(arguments).Options.Storage;
            var report = await StorageFile.VerifyAsync(storage, ct);
            show(new Verification(report.Checked, [.. report.Violations.Select(one => new Violation(one.Invariant, one.Ids, one.Detail))]));
            return report.Violations.Count == 0 ? ExitCodes.Done : ExitCodes.Refused;
        }
        catch (UsageException fault)
        {
            await messages.WriteLineAsync(Visible.Of(fault.Message).AsMemory(), ct);
            return ExitCodes.Usage;
        }
        catch (Exception fault) when (Server.Explain(fault) is { } lines)
        {
            foreach (var line in lines) await messages.WriteLineAsync(Visible.Of(line).AsMemory(), ct);
            return ExitCodes.Configuration;
        }
    }
}
