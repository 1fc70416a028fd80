using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;

namespace ActorPerf.Storage.Memory;

/// <summary>A node's store in memory: nothing survives the process.</summary>
public sealed class MemoryStorage : INodeStorage
{
    private readonly Shared _shared;
    private readonly NodeHandle _handle;
    private readonly MemoryEntityStore _entities;

    /// <param name="time">The clock that rows are stamped with.</param>
    /// <param name="random">For leases and back-off.</param>
    /// <param name="shared">Other nodes of the process may join: <see cref="Another"/>.</param>
    public MemoryStorage(TimeProvider time, Random random, bool shared = false)
        : this(new Shared(time, random, shared))
    {
    }

    private MemoryStorage(Shared shared)
    {
        (_shared, _handle) = (shared, shared.Handles.Join());
        Jobs = new MemoryJobs(shared.Jobs, _handle);
        Feed = new MemoryFeedStore(shared.Jobs, _handle);
        Schedules = new MemorySchedules(shared.Schedules, Feed);
        _entities = shared.Entities ??= new MemoryEntityStore(shared.Time, attached => AttachedJobs.Post(attached, Jobs));
    }

    public string Description => "memory (gone when the process ends)";

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows => _shared.Jobs;

    public IScheduleStore Schedules { get; }

    public IOperatorStore Operators => _shared.Operators;

    public ISessionKeys? SessionKeys => _shared.SessionKeys;

    public IWebhookStore Webhooks => _shared.Jobs.Webhooks;

    public IMemberStore Members => _shared.Members;

    public IEntityStore Entities => _entities;

    public IFeedStore Feed { get; }

    public INodeStorage Another() => new MemoryStorage(_shared);

    public ICacheStore Cache => _shared.Jobs.Remembered;

    /// <summary>What is in memory is what the rules made of it; only what is kept beside the jobs is checked against them.</summary>
    public async Task<VerifyReport> VerifyAsync(CancellationToken ct)
    {
        var counts = await Jobs.CountAsync(null, ct);
        return new VerifyReport(counts.Sum(count => count.Count), 0, _entities.Count, _shared.Jobs.Verify());
    }

    public Task<long> BackupAsync(string file, CancellationToken ct) =>
        throw new NotSupportedException("The memory store has no backup. Use actorperf.storage.provider = sqlite for work that must survive.");

    public void Dispose() => _handle.Leave();

    /// <summary>What the nodes of a process have in common.</summary>
    private sealed class Shared(TimeProvider time, Random random, bool shared)
    {
        public TimeProvider Time => time;

        public NodeHandles Handles { get; } = new(shared);

        public MemoryJobStore Jobs => field ??= new MemoryJobStore(time, random) { IsOver = Members.IsOver };

        /// <summary>The first node's: the jobs of a transaction are its writes, and others learn of them.</summary>
        public MemoryEntityStore? Entities { get; set; }

        public MemoryScheduleStore Schedules { get; } = new();

        public IOperatorStore Operators { get; } = new MemoryOperatorStore();

        public ISessionKeys SessionKeys { get; } = new MemorySessionKeys();

        public MemoryMemberStore Members { get; } = new(time);
    }
}
