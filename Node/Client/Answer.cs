using System.Text.Json;

namespace ActorPerf.Node.Client;

/// <summary>What became of a request.</summary>
public abstract record Answer
{
    private Answer()
    {
    }

    /// <param name="Body">Undefined where the answer has none.</param>
    /// <param name="ETag">For the next conditional request; null where there is none.</param>
    public sealed record Ok(int Status, JsonElement Body, string? ETag) : Answer;

    public sealed record Refused(Problem Problem) : Answer;

    /// <summary>No connection, or it broke before the answer was complete.</summary>
    public sealed record Unreachable(NodeAddress Node, string Reason) : Answer;

    public sealed record TimedOut(NodeAddress Node, TimeSpan Patience) : Answer;
}
