using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>No schedule at all.</summary>
internal sealed class FakeSchedules : ISchedules
{
    public ValueTask<IReadOnlyList<Schedule>> ListAsync(Namespace ns, string? after, int limit, CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<Schedule>>([]);

    public ValueTask<Schedule?> GetAsync(Namespace ns, string name, CancellationToken ct) => ValueTask.FromResult<Schedule?>(null);

    public ValueTask<ScheduleReply> PutAsync(Namespace ns, string name, ScheduleDefinition definition, CancellationToken ct) =>
        ValueTask.FromResult<ScheduleReply>(new ScheduleReply.Refused(new Refusal("busy", "Not now.")));

    public ValueTask<ScheduleReply?> PauseAsync(Namespace ns, string name, bool paused, CancellationToken ct) => ValueTask.FromResult<ScheduleReply?>(null);

    public ValueTask<ScheduleReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct) => ValueTask.FromResult<ScheduleReply?>(null);

    public ValueTask<SubmitOutcome?> TriggerAsync(Namespace ns, string name, CancellationToken ct) => ValueTask.FromResult<SubmitOutcome?>(null);

    public PreviewReply Preview(string cron, string timeZone, int count) => new PreviewReply.Refused(new Refusal("busy", "Not now."));

    public ValueTask<IReadOnlyList<ScheduleTick>?> HistoryAsync(Namespace ns, string name, CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<ScheduleTick>?>(null);
}
