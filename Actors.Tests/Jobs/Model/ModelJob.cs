using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs.Model;

/// <summary>A job as the model keeps it, and what each command does to it: written from docs/jobs.md with plain statements, and without a look at the rules.</summary>
internal sealed class ModelJob(JobRow submitted)
{
    public JobRow Submitted { get; } = submitted;
    public JobId Id => Submitted.Id;
    public JobState State { get; set; }
    public string Queue { get; set; } = submitted.Queue;
    public int Priority { get; set; } = submitted.Priority;
    public IReadOnlyList<string> Tags { get; set; } = submitted.Tags;
    public DateTimeOffset RunAt { get; set; } = submitted.RunAt;

    /// <summary>The place in the line that it kept when its node was lost or stopped; null: it stands at <see cref="RunAt"/>.</summary>
    public DateTimeOffset? KeptPlace { get; set; }

    public DateTimeOffset LineAt => KeptPlace ?? RunAt;
    public int Attempt { get; set; } = submitted.Attempt;
    public int Excused { get; set; }
    public int Crashes { get; set; }
    public Run? Run { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public string? Error { get; set; }
    public string? Checkpoint { get; set; }
    public long Version { get; set; } = 1;
    public int Parents { get; set; }
    public JobId? Parent { get; set; }

    /// <summary>The order of submission.</summary>
    public int Place { get; set; }

    /// <summary>Every state it went through; an edit repeats one.</summary>
    public List<JobState> Story { get; } = [];

    public bool IsWaiting => State is JobState.Held or JobState.Scheduled or JobState.Queued or JobState.Retrying;
    public bool IsActive => State is JobState.Running or JobState.Cancelling;
    public bool IsFinal => !IsWaiting && !IsActive;
    public bool HoldsKey => Submitted.UniqueKey is not null && !IsFinal && (Submitted.UniqueUntil == UniqueUntil.Finished || Attempt == 0);
    public (long, int) Turn => (((LineAt.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10) - (Priority * 60_000_000L), Place);

    public bool IsOver(DateTimeOffset now) => Attempt == 0 && Submitted.ExpiresAt is { } end && end <= now;

    /// <summary>Does what is asked: "moved", "same", or the code of the refusal.</summary>
    public string Ask(JobCommand command, DateTimeOffset now)
    {
        switch (command)
        {
            case JobCommand.Claim claim:
                if (State != JobState.Queued) return "state-conflict";
                if (IsOver(now)) return End(JobState.Expired, now);
                Attempt++;
                Run = new Run(claim.Owner, claim.Lease, Attempt);
                StartedAt = now;
                return Become(JobState.Running);
            case JobCommand.Finish finish: return Report(finish.Run, () => End(JobState.Succeeded, now), () => End(JobState.Succeeded, now));
            case JobCommand.Fail fail: return Report(fail.Run, () => Failed(fail, now), () => End(JobState.Cancelled, now));
            case JobCommand.Stop stop: return Report(stop.Run, null, () => End(JobState.Cancelled, now));
            case JobCommand.Lose lose: return Report(lose.Run, () => Lost(lose.Jitter, now), () => End(JobState.Cancelled, now));
            case JobCommand.Park park: return Report(park.Run, () => Excuse(JobState.Held, RunAt, KeptPlace), () => End(JobState.Cancelled, now));
            case JobCommand.HandBack back: return Report(back.Run, () => Excuse(JobState.Queued, now, LineAt), () => End(JobState.Cancelled, now));
            case JobCommand.Snooze snooze:
                var delay = snooze.Delay < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : snooze.Delay;
                return Report(snooze.Run, () => Excuse(JobState.Scheduled, now + delay, null), () => End(JobState.Cancelled, now));
            case JobCommand.Cancel:
                if (State == JobState.Running) return Become(JobState.Cancelling);
                if (State is JobState.Cancelling or JobState.Cancelled) return "same";
                return IsWaiting ? End(JobState.Cancelled, now) : "state-conflict";
            case JobCommand.RunNow:
                if (State is JobState.Queued or JobState.Running) return "same";
                if (State is not (JobState.Scheduled or JobState.Retrying)) return "state-conflict";
                RunAt = now;
                return Become(JobState.Queued);
            case JobCommand.Edit edit: return Edit(edit, now);
            case JobCommand.Unhold unhold:
                if (State != JobState.Held) return "state-conflict";
                if (unhold.To.IsFinal) Error = unhold.Error?.Type ?? Error;
                return unhold.To.IsFinal ? End(unhold.To, now) : Become(RunAt > now ? JobState.Scheduled : JobState.Queued);
            case JobCommand.Supersede: return IsWaiting ? End(JobState.Cancelled, now) : "state-conflict";
            case JobCommand.Release: return State is JobState.Scheduled or JobState.Retrying && RunAt <= now ? Become(JobState.Queued) : "state-conflict";
            case JobCommand.Expire: return IsWaiting && IsOver(now) ? End(JobState.Expired, now) : "state-conflict";
            default: throw new ArgumentOutOfRangeException(nameof(command), command, "The model does not know it.");
        }
    }

    public string Become(JobState state)
    {
        State = state;
        Story.Add(state);
        Version = Story.Count;
        if (!IsActive) Run = null;
        return "moved";
    }

    /// <summary>The whole of the back-off before the attempt after so many failures.</summary>
    public TimeSpan Backoff(int failures)
    {
        var seconds = Submitted.Backoff.Initial.TotalSeconds;
        for (var i = 1; i < failures && seconds < Submitted.Backoff.Max.TotalSeconds; i++) seconds *= Submitted.Backoff.Factor;
        return TimeSpan.FromSeconds(Math.Min(seconds, Submitted.Backoff.Max.TotalSeconds));
    }

    private string Report(Run run, Func<string>? running, Func<string> cancelling)
    {
        if (Run != run) return "late-report";
        return State == JobState.Cancelling ? cancelling() : running?.Invoke() ?? "late-report";
    }

    private string End(JobState state, DateTimeOffset now)
    {
        FinishedAt = now;
        if (state == JobState.Succeeded) Checkpoint = null;
        return Become(state);
    }

    private string Excuse(JobState state, DateTimeOffset runAt, DateTimeOffset? place)
    {
        Excused++;
        (RunAt, KeptPlace) = (runAt, place);
        return Become(state);
    }

    private string Failed(JobCommand.Fail fail, DateTimeOffset now)
    {
        Error = fail.Error.Type;
        var tries = Attempt - Excused;
        if (!fail.Error.Retryable || tries >= Submitted.MaxAttempts) return End(JobState.Failed, now);
        (RunAt, KeptPlace) = (now + (fail.Error.RetryAfter ?? Backoff(tries) * (0.5 + (fail.Jitter / 2))), null);
        return Become(JobState.Retrying);
    }

    private string Lost(double jitter, DateTimeOffset now)
    {
        Crashes++;
        Excused++;
        if (Submitted.WhenLost == WhenLost.Fail || Crashes > 3)
        {
            Error = Submitted.WhenLost == WhenLost.Fail ? "lost" : "crash-budget";
            return End(JobState.Failed, now);
        }
        KeptPlace = LineAt;
        RunAt = now + (Backoff(Crashes) * (0.5 + (jitter / 2)));
        return Become(JobState.Retrying);
    }

    private string Edit(JobCommand.Edit edit, DateTimeOffset now)
    {
        if (edit.IfVersion is { } versions && !versions.Contains(Version)) return "precondition-failed";
        if (!IsWaiting) return "state-conflict";
        var (queue, priority, runAt, tags) = (edit.Queue ?? Queue, edit.Priority ?? Priority, edit.RunAt is not { } at || at == RunAt ? RunAt : at > now ? at : now, edit.Tags ?? Tags);
        if (queue == Queue && priority == Priority && runAt == RunAt && tags.SequenceEqual(Tags)) return "same";
        if (runAt != RunAt) KeptPlace = null;
        (Queue, Priority, RunAt, Tags) = (queue, priority, runAt, tags);
        return Become(State is JobState.Queued or JobState.Scheduled ? runAt > now ? JobState.Scheduled : JobState.Queued : State);
    }
}
