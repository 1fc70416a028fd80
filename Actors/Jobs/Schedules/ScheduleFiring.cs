using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Submits the jobs of due ticks, and only then moves the cursors: a crash in between repeats a submit that changes nothing.</summary>
/// <remarks>Many schedules go together: the first ticks of all of them in one submit, then the second ticks. Runs outside the actor.</remarks>
internal sealed class ScheduleFiring(IJobs jobs, IScheduleStore store, TimeProvider time)
{
    // What passes: the tick stays due, and becomes a missed one when it takes too long.
    private static readonly string[] Passing = ["busy", "draining", "queue-full", "rate-limited", "storage-unavailable", "storage-full"];

    /// <returns>One per schedule that came further; the others are to be tried again.</returns>
    public async Task<IReadOnlyList<ScheduleStep>> RunAsync(IReadOnlyList<DueSchedule> due)
    {
        var walks = due.Select(schedule => new Walk(schedule)).ToArray();
        for (var round = 0; Array.Exists(walks, walk => walk.HasTick(round)); round++)
            foreach (var group in walks.Where(walk => walk.HasTick(round)).GroupBy(walk => walk.Namespace))
                await RoundAsync(group.Key, [.. group], round);
        ScheduleStep[] steps = [.. walks.Where(walk => walk.CameFurther).Select(walk => walk.Step())];
        if (steps.Length > 0) CrashPoints.Reach(CrashPoints.ScheduleSubmitted);
        if (steps.Length > 0) await store.AdvanceAsync(steps, CancellationToken.None);
        return steps;
    }

    private async Task RoundAsync(Namespace ns, IReadOnlyList<Walk> walks, int round)
    {
        var now = time.GetUtcNow();
        var going = await OverlapAsync(ns, walks, round, now);
        if (going.Count == 0) return;
        var outcomes = await jobs.SubmitManyAsync([.. going.Select(walk => walk.Submission(round, now))], atomic: false, CancellationToken.None);
        for (var i = 0; i < going.Count; i++)
        {
            var at = going[i].TickOf(round);
            switch (outcomes[i])
            {
                case SubmitOutcome.Accepted accepted: going[i].Submitted(at, accepted.Job.Row.Id, now); break;
                case SubmitOutcome.Deduplicated same: going[i].Submitted(at, same.Job.Row.Id, now); break;
                case SubmitOutcome.Replayed same: going[i].Submitted(at, same.Job.Row.Id, now); break;
                case SubmitOutcome.Refused { Refusal: var refusal } when Passing.Contains(refusal.Code): going[i].Stop(); break;
                case SubmitOutcome.Refused { Refusal: var refusal }: going[i].Ended(new ScheduleTick(at, ScheduleOutcome.Refused, null, Reason(refusal), now)); break;
            }
        }
        // Only now: a tick that is refused leaves the job before it at work.
        foreach (var walk in going)
        {
            if (walk.Replaces is { } before && walk.LastJob != before) await jobs.CancelAsync(ns, before, CancellationToken.None);
            walk.Replaces = null;
        }
    }

    /// <summary>Those that submit, by what their jobs before are doing.</summary>
    private async Task<IReadOnlyList<Walk>> OverlapAsync(Namespace ns, IReadOnlyList<Walk> walks, int round, DateTimeOffset now)
    {
        var asking = walks.Where(walk => walk.Overlap != ScheduleOverlap.Queue && walk.LastJob is not null).ToArray();
        if (asking.Length == 0) return walks;
        var before = await jobs.GetManyAsync(ns, [.. asking.Select(walk => walk.LastJob!.Value)], CancellationToken.None);
        var skipping = new HashSet<Walk>();
        for (var i = 0; i < asking.Length; i++)
        {
            // A repeat of the tick meets its own job; that one does not stand in its way.
            if (before[i] is not { Row.State.IsFinal: false } job || job.Row.Id == asking[i].IdOf(round)) continue;
            if (asking[i].Overlap == ScheduleOverlap.Cancel) asking[i].Replaces = job.Row.Id;
            else
            {
                asking[i].Ended(new ScheduleTick(asking[i].TickOf(round), ScheduleOutcome.Skipped, null, $"job {job.Row.Id} of the tick before is {job.Row.State.Word}; overlap: skip", now));
                skipping.Add(asking[i]);
            }
        }
        return [.. walks.Where(walk => !skipping.Contains(walk))];
    }

    private static string Reason(Refusal refusal) =>
        refusal.Faults.Count == 0 ? $"{refusal.Code}: {refusal.Detail}" : $"{refusal.Code}: {refusal.Faults[0].Pointer}: {refusal.Faults[0].Message}";

    /// <summary>One schedule's way through its due ticks.</summary>
    private sealed class Walk(DueSchedule due)
    {
        private readonly List<ScheduleTick> _ticks = due.Plan.Skipped is { } skipped ? [skipped] : [];
        private DateTimeOffset _cursor = due.Plan.Skipped?.At ?? due.Cursor;
        private bool _stopped;

        public Namespace Namespace => due.Namespace;
        public ScheduleOverlap Overlap => due.Definition.Overlap;
        public JobId? LastJob { get; private set; } = due.LastJob;

        /// <summary>The job that is to be cancelled when the tick has its own.</summary>
        public JobId? Replaces { get; set; }

        public bool CameFurther => _cursor > due.Cursor;

        public bool HasTick(int round) => !_stopped && round < due.Plan.Fire.Count;

        public DateTimeOffset TickOf(int round) => due.Plan.Fire[round];

        public JobId IdOf(int round) => ScheduleIds.Of(due.Namespace, due.Name, TickOf(round));

        public Submission Submission(int round, DateTimeOffset now)
        {
            var (tick, id) = (TickOf(round), IdOf(round));
            var runAt = tick + ScheduleIds.Jitter(due.Namespace, due.Name, tick, due.Definition.Jitter);
            // A tick that is past joins the line as of now: else missed ones would go before everything that waits.
            return due.Definition.Submission(due.Namespace, due.Name, id) with { Digest = ScheduleIds.Digest(id), RunAt = runAt > now ? runAt : null };
        }

        public void Submitted(DateTimeOffset tick, JobId job, DateTimeOffset now)
        {
            LastJob = job;
            Ended(new ScheduleTick(tick, ScheduleOutcome.Submitted, job, null, now));
        }

        public void Ended(ScheduleTick tick)
        {
            _ticks.Add(tick);
            _cursor = tick.At;
        }

        public void Stop() => _stopped = true;

        public ScheduleStep Step() => new(due.Namespace, due.Name, _cursor, LastJob, _ticks);
    }
}

/// <summary>A schedule with ticks to handle.</summary>
internal sealed record DueSchedule(Namespace Namespace, string Name, ScheduleDefinition Definition, DateTimeOffset Cursor, JobId? LastJob, SchedulePlan Plan);
