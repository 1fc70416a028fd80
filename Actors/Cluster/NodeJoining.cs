namespace ActorPerf.Cluster;

/// <summary>Brings a node that starts among the members.</summary>
internal static class NodeJoining
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Joins; where another node has the name, waits for as long as a lease lasts, after which one that is gone is known to be.</summary>
    /// <returns>Null; or in words where that node lives, and what to do.</returns>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<string?> JoinAsync(NodeMembership membership, TimeProvider time, ILogger log, CancellationToken ct)
    {
        var since = time.GetTimestamp();
        var patience = membership.LeaseLength + Retry ?? TimeSpan.Zero;
        while (await membership.JoinAsync(ct) is MemberReply.Refused refused)
        {
            var left = patience - time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero) return refused.Detail;
            log.NameTaken(refused.Detail, (long)left.TotalMilliseconds);
            await Task.Delay(left < Retry ? left : Retry, time, ct);
        }
        return null;
    }
}
