namespace ActorPerf.Cluster;

/// <summary>This node among the members: what it is, as the member actor keeps it and everyone else reads it.</summary>
/// <param name="identity">As of the process's start; the incarnation may change.</param>
/// <param name="lease">Null: this node has the store for itself.</param>
internal sealed class NodeMembership(NodeIdentity identity, IMemberStore store, TimeSpan? lease, TimeProvider time) : ICluster, ILeadership
{
    private readonly CpuMeter _cpu = new(time);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _toldToLeave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Standing _standing = new(identity.Incarnation, identity.UpSince, identity.UpSince, MemberStatus.Joining, null, 0);
    private volatile string? _failure;
    private volatile string? _leftOpen;

    /// <summary>Attempts under way.</summary>
    public Func<int> Running { get; set; } = static () => 0;

    /// <summary>Queues that its pools serve.</summary>
    public IReadOnlyList<string> Queues { get; set; } = [];

    /// <summary>What is degraded, in words; null when all is well.</summary>
    public Func<string?> Degraded { get; set; } = static () => null;

    /// <summary>Of a transaction that somebody left open in the database, in words; null where there is none.</summary>
    public string? LeftOpen
    {
        get => _leftOpen;
        set => _leftOpen = value;
    }

    /// <summary>Has the member actor look at once.</summary>
    public Action Poke { get; set; } = static () => { };

    public IMemberStore Store => store;

    /// <summary>Null: this node has the store for itself.</summary>
    public TimeSpan? LeaseLength => lease;

    /// <summary>This node's right to run jobs.</summary>
    public NodeLease Lease { get; } = new(time);

    public ClusterBoard Board { get; } = new(time);

    /// <summary>The incarnation before this one in the same process; null while there was none.</summary>
    public Guid? Former { get; private set; }

    /// <summary>Completes when an operator told this node to leave.</summary>
    public Task ToldToLeave => _toldToLeave.Task;

    public Standing Now
    {
        get
        {
            lock (_gate) return _standing;
        }
    }

    /// <summary>Whether another node that is up serves a queue, as far as this one has seen.</summary>
    public bool IsServedElsewhere(string queue) => Board.Latest is { } view
        && view.Members.Any(member => member is { Status: MemberStatus.Up, Unreachable: false } && member.Name != identity.Name && member.Queues.Contains(queue));

    /// <summary>Whether another node is there, as far as this one has seen.</summary>
    public bool HasOthers => Board.Latest is { } view && view.Members.Any(member => member.Status != MemberStatus.Down && member.Name != identity.Name);

    public bool Leads => Now is { Epoch: > 0, Fence: null, Status: MemberStatus.Up } && Lease.Holds;

    public Member Self
    {
        get
        {
            var now = Now;
            return new Member(
                identity.Name, identity.Address, identity.Roles, now.Status, Unreachable: false, identity.Version, now.Incarnation, now.UpSince, now.Heartbeat,
                _cpu.Read(), Environment.WorkingSet, Running(), Queues) { LeaseUntil = lease is { } length ? now.Heartbeat + length : null };
        }
    }

    public NodeCondition Condition => (_failure, Now) switch
    {
        ({ } failure, _) => new NodeCondition(false, false, failure),
        (_, { Fence: { } reason } now) => new NodeCondition(false, now.Status == MemberStatus.Leaving, reason),
        (_, var now) => new NodeCondition(now.Status == MemberStatus.Up, now.Status == MemberStatus.Leaving, Degraded()),
    };

    public async ValueTask<IReadOnlyList<Member>> MembersAsync(CancellationToken ct) => (await ViewAsync(ct)).Members;

    public async ValueTask<ClusterView> ViewAsync(CancellationToken ct)
    {
        ClusterView view;
        try
        {
            view = ClusterBoard.Shown(await store.ReadAsync(ct));
        }
        catch (StoreUnavailableException) when (Board.Latest is not null)
        {
            view = Board.Latest!;
        }
        var self = Self;
        // Its row is as old as its last heartbeat; what it is right now, it knows better.
        return view with
        {
            Members = [.. view.Members.Select(member => member.Incarnation != self.Incarnation ? member : member with { Cpu = self.Cpu, Memory = self.Memory, Running = self.Running })],
        };
    }

    public ValueTask<MemberReply> LeaveAsync(string name, CancellationToken ct) => TellAsync(new MemberCommand.Leave(name), ct);

    public ValueTask<MemberReply> DownAsync(string name, CancellationToken ct) => TellAsync(new MemberCommand.Down(name), ct);

    public ValueTask<MemberReply> DownUnreachableAsync(CancellationToken ct) => TellAsync(new MemberCommand.DownUnreachable(), ct);

    public IAsyncEnumerable<MemberEvent> FollowAsync(CancellationToken ct) => Board.FollowAsync(ct);

    /// <summary>Enters the node among the members before it has any actor. Until <see cref="MemberActor"/> renews it, it is joining.</summary>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public async ValueTask<MemberReply> JoinAsync(CancellationToken ct)
    {
        var from = time.GetTimestamp();
        var reply = await store.ApplyAsync(new MemberCommand.Join(Self, lease) { TakesOver = true }, ct);
        if (reply is MemberReply.Done done) Stands(done.View, from);
        return reply;
    }

    /// <summary>The store has this incarnation among the living.</summary>
    /// <param name="from">Timestamp of before it was asked.</param>
    public void Stands(ClusterView view, long from)
    {
        Lease.Extend(from, lease);
        lock (_gate)
        {
            _standing = _standing with { Fence = null };
            Settle(view);
        }
        Board.Put(view);
    }

    /// <summary>The rows as they are; nothing about the lease.</summary>
    public void Saw(ClusterView view)
    {
        lock (_gate) Settle(view);
        Board.Put(view);
    }

    public void Become(string status)
    {
        lock (_gate) _standing = _standing with { Status = status };
    }

    public void Fail(string reason) => _failure = reason;

    /// <summary>This incarnation is over: the next one is named, and joins.</summary>
    /// <param name="reason">For whoever asks for the node's health.</param>
    public void Fence(string reason)
    {
        Lease.End();
        lock (_gate)
        {
            Former = _standing.Incarnation;
            _standing = _standing with
            {
                Incarnation = Guid.CreateVersion7(), Fence = reason, Epoch = 0,
                Status = _standing.Status == MemberStatus.Up ? MemberStatus.Joining : _standing.Status,
            };
        }
    }

    /// <summary>Why it has not come back yet.</summary>
    public void StaysFenced(string reason)
    {
        lock (_gate) _standing = _standing with { Fence = reason };
    }

    private void Settle(ClusterView view)
    {
        if (view.Find(identity.Name) is not { } row || row.Incarnation != _standing.Incarnation || _standing.Fence is not null) return;
        _standing = _standing with
        {
            UpSince = row.UpSince, Heartbeat = row.LastHeartbeat, Epoch = view.Leader.Incarnation == row.Incarnation ? view.Leader.Epoch : 0,
        };
        if (row.Status == MemberStatus.Leaving && _toldToLeave.TrySetResult() && _standing.Status == MemberStatus.Up)
            _standing = _standing with { Status = MemberStatus.Leaving };
    }

    private async ValueTask<MemberReply> TellAsync(MemberCommand command, CancellationToken ct)
    {
        var reply = await store.ApplyAsync(command, ct);
        Poke();
        return reply;
    }

    /// <summary>What this node is at a moment.</summary>
    /// <param name="Fence">Why it runs nothing; null while it may.</param>
    /// <param name="Epoch">Of its leadership; 0: it does not lead.</param>
    internal sealed record Standing(Guid Incarnation, DateTimeOffset UpSince, DateTimeOffset Heartbeat, string Status, string? Fence, long Epoch);

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
