using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary><see cref="ISchedules"/> over the actor (changes, what is due) and the store (history).</summary>
/// <param name="ended">The actors are gone, and nobody would answer.</param>
internal sealed class ScheduleService(IActorRef actor, ScheduleParts parts, Func<bool> ended) : ISchedules
{
    private const int MaxPreview = 100;
    private const int MaxPage = 500;

    public async ValueTask<IReadOnlyList<Schedule>> ListAsync(Namespace ns, string? after, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPage);
        return [.. (await AskAsync<IReadOnlyList<Schedule>>(reply => new ScheduleCommand.List(ns, after, limit, reply), ct)).Select(Shown)];
    }

    public async ValueTask<Schedule?> GetAsync(Namespace ns, string name, CancellationToken ct) =>
        await FindAsync(ns, name, ct) is { } schedule ? Shown(schedule) : null;

    public async ValueTask<ScheduleReply> PutAsync(Namespace ns, string name, ScheduleDefinition definition, CancellationToken ct)
    {
        if (ScheduleCheck.Fault(ns, name, definition, parts.Tasks, parts.Time.GetUtcNow()) is { } refusal) return new ScheduleReply.Refused(refusal);
        return Shown(await AskAsync<ScheduleReply?>(reply => new ScheduleCommand.Put(ns, name, definition, reply), ct))!;
    }

    public async ValueTask<ScheduleReply?> PauseAsync(Namespace ns, string name, bool paused, CancellationToken ct) =>
        Shown(await AskAsync<ScheduleReply?>(reply => new ScheduleCommand.Pause(ns, name, paused, reply), ct));

    public async ValueTask<ScheduleReply?> DeleteAsync(Namespace ns, string name, CancellationToken ct) =>
        Shown(await AskAsync<ScheduleReply?>(reply => new ScheduleCommand.Delete(ns, name, reply), ct));

    public async ValueTask<SubmitOutcome?> TriggerAsync(Namespace ns, string name, CancellationToken ct) =>
        await FindAsync(ns, name, ct) is { } schedule ? await parts.Jobs.SubmitAsync(schedule.Definition.Submission(ns, name, null), ct) : null;

    public async ValueTask<IReadOnlyList<ScheduleTick>?> HistoryAsync(Namespace ns, string name, CancellationToken ct) =>
        await FindAsync(ns, name, ct) is null ? null : await parts.Store.ReadHistoryAsync(ns, name, ct);

    public PreviewReply Preview(string cron, string timeZone, int count)
    {
        var faults = new List<FieldFault>();
        if (!CronExpression.TryParse(cron, out var read, out var badCron)) faults.Add(new("/cron", badCron));
        if (!TimeZones.TryFind(timeZone, out var zone, out var badZone)) faults.Add(new("/timeZone", badZone));
        if (count is < 1 or > MaxPreview) faults.Add(new("/count", $"{count} is outside 1 to {MaxPreview}."));
        if (faults.Count > 0)
            return new PreviewReply.Refused(Refusal.Invalid("invalid-request", faults.Count == 1 ? $"{faults[0].Pointer}: {faults[0].Message}" : "The expression cannot be used; see errors.", faults));
        var now = parts.Time.GetUtcNow();
        var ticks = new CronTimetable(read!, zone!).Between(now, now + CronTimetable.Horizon).Take(count);
        return new PreviewReply.Done(CronWords.Of(read!, zone!), [.. ticks.Select(tick => TimeZoneInfo.ConvertTime(tick, zone!))]);
    }

    /// <summary>As it is kept: with its secrets.</summary>
    private Task<Schedule?> FindAsync(Namespace ns, string name, CancellationToken ct) => AskAsync<Schedule?>(reply => new ScheduleCommand.Get(ns, name, reply), ct);

    /// <summary>With dots for secret arguments, as jobs are shown.</summary>
    private Schedule Shown(Schedule schedule) => parts.Tasks.TryGet(schedule.Definition.Task, out var task) && SecretMask.Of(task) is { } mask
        ? schedule with { Definition = schedule.Definition with { Args = mask.Hide(schedule.Definition.Args) } }
        : schedule;

    private ScheduleReply? Shown(ScheduleReply? reply) => reply is ScheduleReply.Done done ? done with { Schedule = Shown(done.Schedule) } : reply;

    private async Task<T> AskAsync<T>(Func<TaskCompletionSource<T>, ScheduleCommand> command, CancellationToken ct)
    {
        if (ended()) throw new StoreUnavailableException("The node has stopped.");
        var reply = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        actor.Tell(command(reply));
        return await reply.Task.WaitAsync(ct);
    }
}
