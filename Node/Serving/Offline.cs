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
        await messages.WriteLineAsync("This build cannot open a database. Ask a running node: actorperf verify".AsMemory(), ct);
        return ExitCodes.Bug;
    }
}
