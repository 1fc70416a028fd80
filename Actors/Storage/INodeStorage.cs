using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;

namespace ActorPerf.Storage;

/// <summary>Everything a node stores, behind one provider.</summary>
public interface INodeStorage : IMaintenance, IDisposable
{
    /// <summary>Where it is, for people; without secrets.</summary>
    string Description { get; }

    IJobStore Jobs { get; }

    IWorkflowStore Workflows { get; }

    IScheduleStore Schedules { get; }

    IOperatorStore Operators { get; }

    IWebhookStore Webhooks { get; }

    IMemberStore Members { get; }

    IEntityStore Entities { get; }

    /// <summary>The second level of the cache; null where the provider has none.</summary>
    ICacheStore? Cache => null;
}
