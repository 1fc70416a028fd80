using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What a command does to a job's row. Pure: no clock, no I/O, no log. The store repeats these guards in its UPDATE.</summary>
/// <remarks>Invariants: a final state is never left; a write about a run needs owner, lease and attempt of the row; <see cref="JobRow.Attempt"/>
/// rises by one at every claim and never falls; every move raises <see cref="JobRow.Version"/> by one; a node that is lost or stops costs its jobs no place
/// in the line: <see cref="JobRow.LineAt"/> moves only where the job, its task or a client asked for another time.</remarks>
public static class JobRules
{
    /// <summary>Lost nodes a job may cost before it is taken for their cause.</summary>
    public const int CrashBudget = 3;

    private const long MicrosecondsPerStep = 60_000_000;

    /// <param name="row">The row as it is; its state decides.</param>
    /// <param name="command">What is asked.</param>
    /// <param name="now">The database's time.</param>
    public static JobDecision Decide(JobRow row, JobCommand command, DateTimeOffset now) => (row.State, command) switch
    {
        (JobState.Queued, JobCommand.Claim) when IsOverdue(row, now) => End(row, JobState.Expired, now, "not started in time"),
        (JobState.Queued, JobCommand.Claim claim) => Start(row, claim, now),
        (JobState.Running or JobState.Cancelling, JobCommand.Finish finish) when finish.Run == row.Run => Succeed(row, finish, now),
        (JobState.Running, JobCommand.Fail fail) when fail.Run == row.Run => Retry(row, fail, now),
        (JobState.Cancelling, JobCommand.Fail fail) when fail.Run == row.Run => End(row, JobState.Cancelled, now, null),
        (JobState.Cancelling, JobCommand.Stop stop) when stop.Run == row.Run => End(row, JobState.Cancelled, now, null),
        (JobState.Running, JobCommand.HandBack back) when back.Run == row.Run => HandBack(row, now),
        (JobState.Cancelling, JobCommand.HandBack back) when back.Run == row.Run => End(row, JobState.Cancelled, now, null),
        (JobState.Running, JobCommand.Lose lose) when lose.Run == row.Run => Lose(row, lose, now),
        (JobState.Cancelling, JobCommand.Lose lose) when lose.Run == row.Run => End(row, JobState.Cancelled, now, "its node was lost"),
        (JobState.Running, JobCommand.Snooze snooze) when snooze.Run == row.Run => Snooze(row, snooze, now),
        (JobState.Running, JobCommand.Park park) when park.Run == row.Run => new JobDecision.Moved(
            row with { State = JobState.Held, Run = null, Excused = row.Excused + 1, Version = row.Version + 1 }, "waits for its children"),
        (JobState.Cancelling, JobCommand.Snooze snooze) when snooze.Run == row.Run => End(row, JobState.Cancelled, now, null),
        (JobState.Cancelling, JobCommand.Park park) when park.Run == row.Run => End(row, JobState.Cancelled, now, null),
        (_, JobCommand.Finish or JobCommand.Fail or JobCommand.Stop or JobCommand.HandBack or JobCommand.Lose or JobCommand.Snooze or JobCommand.Park) => LateReport(row),
        (JobState.Running, JobCommand.Cancel cancel) => Move(row, JobState.Cancelling, cancel.Why),
        (JobState.Cancelling or JobState.Cancelled, JobCommand.Cancel) => new JobDecision.Unchanged(row),
        (_, JobCommand.Cancel cancel) when !row.State.IsFinal => End(row, JobState.Cancelled, now, cancel.Why),
        (JobState.Scheduled or JobState.Retrying, JobCommand.RunNow) => Move(Again(row, now), JobState.Queued, "asked to run now"),
        (JobState.Queued or JobState.Running, JobCommand.RunNow) => new JobDecision.Unchanged(row),
        (_, JobCommand.Edit { IfVersion: { } versions }) when !versions.Contains(row.Version) => new JobDecision.Refused(JobRefusals.OtherVersion(row)),
        (_, JobCommand.Edit edit) when !row.State.IsFinal && !row.State.IsActive => edit.Full is { } full && edit.Queue != row.Queue ? new JobDecision.Refused(full) : Edit(row, edit, now),
        (JobState.Held, JobCommand.Unhold unhold) => unhold.To.IsFinal
            ? End(unhold.Error is null ? row : row with { Error = unhold.Error }, unhold.To, now, unhold.Detail)
            : Move(row, Initial(row.RunAt, now), unhold.Detail),
        (_, JobCommand.Supersede by) when !row.State.IsFinal && !row.State.IsActive => End(row, JobState.Cancelled, now, $"replaced by job {by.By}"),
        (JobState.Scheduled or JobState.Retrying, JobCommand.Release) when row.RunAt <= now => Move(row, JobState.Queued, null),
        (_, JobCommand.Expire) when !row.State.IsFinal && !row.State.IsActive && IsOverdue(row, now) =>
            End(row, JobState.Expired, now, "not started in time"),
        _ => Conflict(row, command),
    };

    /// <summary>The state a new job starts in.</summary>
    /// <param name="waits">It depends on jobs that have not ended.</param>
    public static JobState Initial(DateTimeOffset runAt, DateTimeOffset now, bool waits = false) =>
        waits ? JobState.Held : runAt > now ? JobState.Scheduled : JobState.Queued;

    /// <summary>Its time to start is over, and it never did: one that started in time waits for its next attempt as long as that takes.</summary>
    public static bool IsOverdue(JobRow row, DateTimeOffset now) => row.Attempt == 0 && row.ExpiresAt <= now;

    /// <summary>Where a job stands in its queue's line: the time from which it waits, moved forward by a minute for each step of priority.</summary>
    /// <returns>Microseconds since 1970; smaller goes first, ties by <see cref="JobRow.Seq"/>.</returns>
    public static long Rank(JobRow row) =>
        ((row.LineAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - (row.Priority * MicrosecondsPerStep);

    /// <summary><see cref="JobRow.Ahead"/> of a row that is kept with its rank.</summary>
    /// <param name="runAt">In microseconds since 1970.</param>
    /// <param name="rank">As <see cref="Rank"/> gave it.</param>
    /// <param name="priority">Of the row.</param>
    public static TimeSpan Ahead(long runAt, long rank, int priority) => TimeSpan.FromMicroseconds(runAt - (priority * MicrosecondsPerStep) - rank);

    /// <summary>How long to wait before the attempt after the <paramref name="failures"/>th failed one.</summary>
    /// <param name="failures">1 and up.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <returns>Between half and all of min(max, initial · factor^(failures−1)).</returns>
    public static TimeSpan Delay(BackoffPolicy backoff, int failures, double jitter)
    {
        // Powers beyond the largest double are infinity, which Min brings down to the bound.
        var whole = Math.Min(backoff.Max.TotalSeconds, backoff.Initial.TotalSeconds * Math.Pow(backoff.Factor, Math.Max(1, failures) - 1));
        return TimeSpan.FromSeconds(whole * (0.5 + (0.5 * Math.Clamp(jitter, 0, 1))));
    }

    private static JobDecision.Moved Start(JobRow row, JobCommand.Claim claim, DateTimeOffset now) => new JobDecision.Moved(
        row with
        {
            State = JobState.Running,
            Attempt = row.Attempt + 1,
            Run = new Run(claim.Owner, claim.Lease, row.Attempt + 1),
            Node = claim.Node,
            StartedAt = now,
            Version = row.Version + 1,
        },
        null);

    private static JobDecision.Moved Succeed(JobRow row, JobCommand.Finish finish, DateTimeOffset now) => new JobDecision.Moved(
        row with { State = JobState.Succeeded, Run = null, Cached = finish.Cached, FinishedAt = now, Version = row.Version + 1 },
        row.State == JobState.Cancelling ? "the result came before the cancel" : null);

    private static JobDecision.Moved Retry(JobRow row, JobCommand.Fail fail, DateTimeOffset now)
    {
        var failed = row with { Error = fail.Error };
        var counted = row.Attempt - row.Excused;
        if (!fail.Error.Retryable) return End(failed, JobState.Failed, now, "another attempt would not help");
        if (counted >= row.MaxAttempts) return End(failed, JobState.Failed, now, $"attempt {counted} of {row.MaxAttempts}");
        return Wait(failed with { Ahead = TimeSpan.Zero }, fail.Error.RetryAfter is { } after ? Bounded(after) : Delay(fail.Backoff ?? row.Backoff, counted, fail.Jitter), now);
    }

    private static JobDecision.Moved Snooze(JobRow row, JobCommand.Snooze snooze, DateTimeOffset now)
    {
        var delay = Bounded(snooze.Delay);
        return new JobDecision.Moved(
            row with { State = JobState.Scheduled, Run = null, Excused = row.Excused + 1, RunAt = now + delay, Ahead = TimeSpan.Zero, Version = row.Version + 1 },
            string.Create(CultureInfo.InvariantCulture, $"snoozed for {delay.TotalSeconds:0.0} s"));
    }

    private static JobDecision Edit(JobRow row, JobCommand.Edit edit, DateTimeOffset now)
    {
        // A time that is past joins the line as of now: else it would go before everything that waits.
        var runAt = edit.RunAt is { } asked && asked != row.RunAt ? asked > now ? asked : now : row.RunAt;
        var edited = row with
        {
            Priority = edit.Priority ?? row.Priority,
            Queue = edit.Queue ?? row.Queue,
            RunAt = runAt,
            Ahead = runAt != row.RunAt ? TimeSpan.Zero : row.Ahead,
            Tags = edit.Tags is { } tags && !tags.SequenceEqual(row.Tags) ? tags : row.Tags,
        };
        if (edited == row) return new JobDecision.Unchanged(row);
        // A back-off stays one, whatever its new end; what is held stays held.
        var state = row.State is JobState.Queued or JobState.Scheduled ? Initial(edited.RunAt, now) : row.State;
        return Move(edited, state, "edited");
    }

    private static TimeSpan Bounded(TimeSpan delay) =>
        delay < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : delay > SubmissionCheck.MaxDelay ? SubmissionCheck.MaxDelay : delay;

    private static JobDecision.Moved Lose(JobRow row, JobCommand.Lose lose, DateTimeOffset now)
    {
        var crashes = row.Crashes + 1;
        var lost = row with { Crashes = crashes, Excused = row.Excused + 1 };
        if (row.WhenLost == WhenLost.Fail)
        {
            return End(lost with { Error = new TaskError("lost", $"Its node {row.Node} was lost on attempt {row.Attempt}.", Retryable: false) },
                JobState.Failed, now, "its node was lost");
        }
        if (crashes > CrashBudget)
        {
            return End(lost with { Error = new TaskError("crash-budget", $"{crashes} nodes were lost while they ran it.", Retryable: false) },
                JobState.Failed, now, $"{crashes} nodes were lost while they ran it");
        }
        var delay = Delay(row.Backoff, crashes, lose.Jitter);
        return Wait(lost with { Ahead = Waited(row, now + delay) }, delay, now, "its node was lost; ");
    }

    private static JobDecision.Moved HandBack(JobRow row, DateTimeOffset now) => new JobDecision.Moved(
        row with { State = JobState.Queued, Run = null, Excused = row.Excused + 1, RunAt = now, Ahead = Waited(row, now), Version = row.Version + 1 },
        "its node stopped");

    /// <summary>May start again now, at the place that it kept.</summary>
    private static JobRow Again(JobRow row, DateTimeOffset now) => row with { RunAt = now, Ahead = row.Ahead > TimeSpan.Zero ? Waited(row, now) : TimeSpan.Zero };

    private static TimeSpan Waited(JobRow row, DateTimeOffset now) => now > row.LineAt ? now - row.LineAt : TimeSpan.Zero;

    private static JobDecision.Moved Wait(JobRow row, TimeSpan delay, DateTimeOffset now, string why = "") => new JobDecision.Moved(
        row with { State = JobState.Retrying, Run = null, RunAt = now + delay, Version = row.Version + 1 },
        string.Create(CultureInfo.InvariantCulture, $"{why}next attempt in {delay.TotalSeconds:0.0} s"));

    private static JobDecision.Moved End(JobRow row, JobState state, DateTimeOffset now, string? detail) => new JobDecision.Moved(
        row with { State = state, Run = null, FinishedAt = now, Version = row.Version + 1 }, detail);

    private static JobDecision.Moved Move(JobRow row, JobState state, string? detail) =>
        new JobDecision.Moved(row with { State = state, Version = row.Version + 1 }, detail);

    private static JobDecision.Refused LateReport(JobRow row) => new(new Refusal("late-report",
        $"Report dropped: job {row.Id} is {row.State.Word} on attempt {row.Attempt} of {row.MaxAttempts}; this run no longer owns it."));

    private static JobDecision.Refused Conflict(JobRow row, JobCommand command) => new(JobActions.Conflict(row, Verb(command)));

    private static string Verb(JobCommand command) => command switch
    {
        JobCommand.RunNow => "run now",
        JobCommand.Edit => "be edited",
        JobCommand.Cancel => "be cancelled",
        _ => $"take '{command.GetType().Name.ToLowerInvariant()}'",
    };
}
