using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Routing;

namespace ActorPerf.Web.Api;

/// <summary>All routes of the API, one line a group.</summary>
internal sealed class ApiRoutes(FrontDoors doors, SubmissionReader reader, HttpOptions options, StreamGate streams, AccessCheck access, TimeProvider time)
{
    public void Map(ApiMap api)
    {
        var submit = new SubmitEndpoint(doors, reader);
        submit.Map(api);
        new BatchEndpoint(doors, reader, options).Map(api);
        new WaitEndpoint(doors, options).Map(api);
        new JobListEndpoints(doors).Map(api);
        new SearchEndpoints(doors).Map(api);
        new OperationEndpoints(doors).Map(api);
        new ViewEndpoints(doors, time).Map(api);
        new AuditEndpoints(doors).Map(api);
        new JobEndpoints(doors).Map(api);
        new ResultEndpoint(doors).Map(api);
        new WorkflowEndpoints(doors, reader, options).Map(api);
        new JobActionEndpoints(doors, options, time).Map(api);
        new EventEndpoints(doors, streams, access, time).Map(api);
        new TaskEndpoints(doors).Map(api);
        new ComputeEndpoint(doors, submit, options, time).Map(api);
        new CacheEndpoints(doors, options, access).Map(api);
        new QueueEndpoints(doors).Map(api);
        new ScheduleEndpoints(doors, options).Map(api);
        new WebhookEndpoints(doors).Map(api);
        new DataRoutes(doors, options).Map(api);
        new ClusterEndpoints(doors, streams, access, time).Map(api);
        new ActorEndpoints(doors).Map(api);
        new TraceEndpoints(doors, access).Map(api);
        new LogEndpoints(doors, streams, access, time).Map(api);
        new LoadEndpoints(doors).Map(api);
        new LoadFileEndpoints(doors).Map(api);
        new MaintenanceEndpoints(doors).Map(api);
        VersionEndpoint.Map(api);
    }

    /// <summary>What stands outside the base path.</summary>
    public void MapBeside(IEndpointRouteBuilder root)
    {
        new HealthEndpoints(doors).Map(root);
        new MetricsEndpoint(doors, access).Map(root);
    }
}
