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

    /// <summary>Keys of the console's sessions, for all nodes that share the database; null for a file, whose process keeps them beside it.</summary>
    ISessionKeys? SessionKeys { get; }

    IWebhookStore Webhooks { get; }

    IMemberStore Members { get; }

    IEntityStore Entities { get; }

    IFeedStore Feed { get; }

    /// <summary>The same database for another node of this process: its own writes are reported to it, and its rows of the feed carry its own mark.
    /// Each is disposed by its node; the last one closes the database.</summary>
    /// <exception cref="InvalidOperationException">The storage was opened for one node.</exception>
    INodeStorage Another();

    /// <summary>The second level of the cache.</summary>
    ICacheStore Cache { get; }
}
