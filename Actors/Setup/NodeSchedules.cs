using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage;

namespace ActorPerf.Setup;

/// <summary>The actor that submits what is due.</summary>
internal static class NodeSchedules
{
    public static ScheduleService Start(ActorSystem system, INodeStorage storage, NodeStart start, JobService jobs, NodeMembership membership, Func<bool> ended)
    {
        var parts = new ScheduleParts
        {
            Store = storage.Schedules,
            Jobs = jobs,
            Tasks = start.Tasks,
            Configured = [.. start.Options.Schedules],
            Time = start.Time,
            Log = start.Logs.CreateLogger("ActorPerf.Schedules"),
            Leadership = NodeJobs.Duties(membership),
        };
        return new ScheduleService(system.ActorOf(Props.Create(() => new ScheduleActor(parts)), "schedules"), parts, ended);
    }
}
