namespace ActorPerf.Cluster;

/// <summary>Brings a node that starts among the members.</summary>
internal static class NodeJoining
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Joins; where another node has the name, waits for as long as a lease lasts, after which one that is gone is known to be.</summary>
    /// <exception cref="NameTakenException">It lives.</exception>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task JoinAsync(NodeMembership membership, TimeProvider time, ILogger log, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        var patience = membership.LeaseLength + Retry ?? TimeSpan.Zero;
        while (await membership.JoinAsync(ct) is MemberReply.Refused refused)
        {
            var left = patience - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero) throw new NameTakenException(refused.Detail);
            log.NameTaken(refused.Detail, (long)left.TotalMilliseconds);
            await Task.Delay(left < Retry ? left : Retry, time, ct);
        }
    }
}

/// <summary>Another node of the same name lives; its message says where and what to do.</summary>
public sealed class NameTakenException : Exception
{
    public NameTakenException()
        : this("Another node of this name lives. Give this one another name (actorperf.node.name).")
    {
    }

    public NameTakenException(string message)
        : base(message)
    {
    }

    public NameTakenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
