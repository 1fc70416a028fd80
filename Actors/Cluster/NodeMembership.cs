namespace ActorPerf.Cluster;

/// <summary>This node among the members.</summary>
/// <param name="running">Attempts under way.</param>
/// <param name="queues">Queues that its pools serve.</param>
/// <param name="degraded">What is degraded, in words; null when all is well.</param>
internal sealed class NodeMembership(
    NodeIdentity identity, IMemberStore store, Func<int> running, IReadOnlyList<string> queues, Func<string?> degraded, TimeProvider time) : ICluster
{
    private readonly CpuMeter _cpu = new(time);
    private volatile string _status = "joining";
    private volatile string? _failure;

    public Member Self => new(
        identity.Name, identity.Address, identity.Roles, _status, Unreachable: false, identity.Version, identity.Incarnation, identity.UpSince, time.GetUtcNow(),
        _cpu.Read(), Environment.WorkingSet, running(), queues);

    public NodeCondition Condition => _failure is { } failure
        ? new NodeCondition(false, false, failure)
        : new NodeCondition(_status == "up", _status == "leaving", degraded());

    public async ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct)
    {
        var self = Self;
        var members = await store.ReadAsync(ct);
        // One process has the file: a row of another name is a node that ended, and this node's row is at most a heartbeat old.
        return [.. members.Select(member => member.Name == self.Name ? self : member with { Status = "down", Unreachable = true })
            .Append(self).DistinctBy(member => member.Name)];
    }

    public void Become(string status) => _status = status;

    public void Fail(string reason) => _failure = reason;

    /// <summary>Processor time over wall time since the reading before, in cores.</summary>
    private sealed class CpuMeter(TimeProvider time)
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
        private readonly Lock _gate = new();
        private TimeSpan _used = Environment.CpuUsage.TotalTime;
        private long _at = time.GetTimestamp();
        private double _share;

        public double Read()
        {
            lock (_gate)
            {
                var elapsed = time.GetElapsedTime(_at);
                if (elapsed < Shortest) return _share;
                var used = Environment.CpuUsage.TotalTime;
                _share = Math.Round((used - _used) / elapsed, 3);
                (_used, _at) = (used, time.GetTimestamp());
                return _share;
            }
        }
    }
}
