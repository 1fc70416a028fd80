using System.Collections.Concurrent;
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
    private readonly MemoryJobStore _jobs;
    private readonly MemoryEntityStore _entities;

    public MemoryStorage(TimeProvider time, Random random)
    {
        var jobs = _jobs = new MemoryJobStore(time, random);
        Jobs = jobs;
        Workflows = jobs;
        Cache = jobs.Remembered;
        Entities = _entities = new MemoryEntityStore(time, attached => AttachedJobs.Post(attached, jobs));
    }

    public string Description => "memory (gone when the process ends)";

    public IJobStore Jobs { get; }

    public IWorkflowStore Workflows { get; }

    public IScheduleStore Schedules { get; } = new MemoryScheduleStore();

    public IOperatorStore Operators { get; } = new MemoryOperatorStore();

    public IWebhookStore Webhooks => _jobs.Webhooks;

    public IMemberStore Members { get; } = new MemberRows();

    public IEntityStore Entities { get; }

    public ICacheStore? Cache { get; }

    /// <summary>What is in memory is what the rules made of it; only what is kept beside the jobs is checked against them.</summary>
    public async Task<VerifyReport> VerifyAsync(CancellationToken ct)
    {
        var counts = await Jobs.CountAsync(null, ct);
        return new VerifyReport(counts.Sum(count => count.Count), 0, _entities.Count, _jobs.Verify());
    }

    public Task<long> BackupAsync(string file, CancellationToken ct) =>
        throw new NotSupportedException("The memory store has no backup. Use actorperf.storage.provider = sqlite for work that must survive.");

    public void Dispose()
    {
    }

    private sealed class MemberRows : IMemberStore
    {
        private readonly ConcurrentDictionary<string, Member> _members = new(StringComparer.Ordinal);

        public ValueTask WriteAsync(Member member, CancellationToken ct)
        {
            _members[member.Name] = member;
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<Member>> ReadAsync(CancellationToken ct) => new(_members.Values.OrderBy(member => member.UpSince).ToArray());
    }
}
