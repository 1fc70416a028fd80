using ActorPerf.Caching;
using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Kernel;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Tracing.Metrics;
using ActorPerf.Web.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Api;

/// <summary>The parts of the node that the API calls. Each is a singleton, fetched when the first call needs it, so that mapping routes starts nothing.</summary>
internal sealed class FrontDoors(IServiceProvider services)
{
    public IJobs Jobs => field ??= services.GetRequiredService<IJobs>();

    public IQueues Queues => field ??= services.GetRequiredService<IQueues>();

    public IJobResults Results => field ??= services.GetRequiredService<IJobResults>();

    public IWorkflows Workflows => field ??= services.GetRequiredService<IWorkflows>();

    public IJobSearch Search => field ??= services.GetRequiredService<IJobSearch>();

    public IOperations Operations => field ??= services.GetRequiredService<IOperations>();

    public IViews Views => field ??= services.GetRequiredService<IViews>();

    public IAudit Audit => field ??= services.GetRequiredService<IAudit>();

    public ISchedules Schedules => field ??= services.GetRequiredService<ISchedules>();

    public IWebhooks Webhooks => field ??= services.GetRequiredService<IWebhooks>();

    public ICompute Compute => field ??= services.GetRequiredService<ICompute>();

    public IData Data => field ??= services.GetRequiredService<IData>();

    public ITaskCatalog Tasks => field ??= services.GetRequiredService<ITaskCatalog>();

    public LoadRuns Load => field ??= services.GetRequiredService<LoadRuns>();

    public IMaintenance Maintenance => field ??= services.GetRequiredService<IMaintenance>();

    public IActorInspector Actors => field ??= services.GetRequiredService<IActorInspector>();

    public LogBook Log => field ??= services.GetRequiredService<LogBook>();

    public LogLevels LogLevels => field ??= services.GetRequiredService<LogLevels>();

    public ILoggerFactory Loggers => field ??= services.GetRequiredService<ILoggerFactory>();

    public IMetrics Metrics => field ??= services.GetRequiredService<IMetrics>();

    public ITraces Traces => field ??= services.GetRequiredService<ITraces>();

    public ICluster Cluster => field ??= services.GetRequiredService<ICluster>();
}
