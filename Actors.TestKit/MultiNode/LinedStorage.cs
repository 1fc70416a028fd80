using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Storage;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A node's storage behind a line.</summary>
internal sealed class LinedStorage(INodeStorage storage, StoreLine line) : INodeStorage
{
    public string Description => storage.Description;

    public IJobStore Jobs { get; } = LineProxy.Of(storage.Jobs, line);

    public IWorkflowStore Workflows { get; } = LineProxy.Of(storage.Workflows, line);

    public IScheduleStore Schedules { get; } = LineProxy.Of(storage.Schedules, line);

    public IOperatorStore Operators { get; } = LineProxy.Of(storage.Operators, line);

    public ISessionKeys? SessionKeys => storage.SessionKeys;

    public IWebhookStore Webhooks { get; } = LineProxy.Of(storage.Webhooks, line);

    public IMemberStore Members { get; } = LineProxy.Of(storage.Members, line);

    public IEntityStore Entities { get; } = LineProxy.Of(storage.Entities, line);

    public IFeedStore Feed { get; } = LineProxy.Of(storage.Feed, line);

    public ICacheStore Cache { get; } = LineProxy.Of(storage.Cache, line);

    public INodeStorage Another() => throw new NotSupportedException("A node behind a line is one node. Add another to its cluster.");

    public Task<VerifyReport> VerifyAsync(CancellationToken ct) => storage.VerifyAsync(ct);

    public Task<long> BackupAsync(string file, CancellationToken ct) => storage.BackupAsync(file, ct);

    public void Dispose() => storage.Dispose();
}
