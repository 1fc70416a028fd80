using ActorPerf.Jobs;
using ActorPerf.Storage.Graph;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <content>Submits: stored with their neighbours, or answered with the job that was there before.</content>
internal sealed partial class JobUnit
{
    private static readonly SubmitOutcome.Refused BatchRefused = new(JobRefusals.BatchRefused);

    /// <summary>Whether a refusal of one of its jobs takes back the others: such a submit has a transaction of its own, which then is not committed.</summary>
    public static bool IsAllOrNone(JobWrite.Submit submit) => submit.Workflow is not null || (submit.Atomic && submit.Jobs.Count > 1);

    private void Submit(JobWrite.Submit submit)
    {
        submit.AtOnce?.Taken.Clear();
        var atOnce = submit.AtOnce is { } claim && !_over.Contains(claim.Owner) ? claim : null;
        var refused = false;
        for (var i = 0; i < submit.Jobs.Count; i++)
        {
            submit.Outcomes[i] = Insert(submit.Jobs[i], atOnce, submit.Followed);
            refused |= submit.Outcomes[i] is SubmitOutcome.Refused || (submit.Workflow is not null && submit.Outcomes[i] is not SubmitOutcome.Accepted);
        }
        if (!IsAllOrNone(submit)) return;
        if (!refused)
        {
            if (submit.Workflow is { } workflow) _changes.AddWorkflow(workflow, [.. workflow.Members.Select(member => Find(workflow.Namespace, member.Job)?.Row.Seq)]);
            return;
        }
        IsRefused = true;
        submit.AtOnce?.Taken.Clear();
        submit.Followed.Clear();
        _graph.Drop();
        for (var i = 0; i < submit.Outcomes.Length; i++)
            if (submit.Outcomes[i] is SubmitOutcome.Accepted || (submit.Workflow is null && submit.Outcomes[i] is not SubmitOutcome.Refused)) submit.Outcomes[i] = BatchRefused;
    }

    private SubmitOutcome Insert(NewJob job, JobWrite.Claim? atOnce, List<(Job Job, JobState? From)> followed, JobId? parent = null)
    {
        if (job.IdempotencyKey is { } key && Replay(job, key) is { } replay) return replay;
        if (job.DependsOn.Count > 0) return InsertDependent(job, atOnce, followed);
        return InsertPlain(job, atOnce, followed, waits: false, job.Row with { Parent = parent });
    }

    private SubmitOutcome InsertPlain(NewJob job, JobWrite.Claim? atOnce, List<(Job Job, JobState? From)> followed, bool waits, JobRow wanted)
    {
        // The id speaks first: a repeat of the submission that holds the unique key is that job, and no conflict.
        if (Find(wanted.Namespace, wanted.Id) is { } there) return Existing(wanted, there);
        if (wanted.UniqueKey is not null && Contend(job, followed) is { } met) return met;
        var row = Complete(wanted, waits);
        var running = TakenAtOnce(row, atOnce);
        Add(new JobEntry(null, running ?? row, job.Args) { New = job, HasResult = true });
        _edges.IsNew(row.Seq);
        _changes.Tags.AddRange(row.Tags.Select(tag => (row, tag)));
        _changes.AddTerms(row, job.Terms);
        TakeKey(running ?? row);
        if (job.IdempotencyKey is { } used) Remember(row, used, row.Seq);
        _changes.AddHistory(row, null, _now, row.HistorySeq, previous: null, run: null, detail: null);
        if (running is not null)
        {
            _changes.AddHistory(running, row.State, _now, running.HistorySeq, row.HistorySeq, running.Run, detail: null);
            atOnce!.Taken.Add(new Job(running, job.Args, null, null));
        }
        _changes.Count(row, (running ?? row).State, 1);
        _changes.Keys.Added(row);
        if (running is null) Queued(row);
        return new SubmitOutcome.Accepted(new Job(row, job.Args, null, null));
    }

    private SubmitOutcome InsertDependent(NewJob job, JobWrite.Claim? atOnce, List<(Job Job, JobState? From)> followed)
    {
        if (Find(job.Row.Namespace, job.Row.Id) is { } there) return Existing(job.Row, there);
        if (_graph.Plan(job, out var refusal) is not { } plan) return new SubmitOutcome.Refused(refusal!);
        var outcome = InsertPlain(plan.Args is { } args ? job.With(args) : job, atOnce, followed, plan.Waits, job.Row with { Parents = job.DependsOn.Count });
        if (outcome is not SubmitOutcome.Accepted accepted) return outcome;
        _graph.Planned(accepted.Job.Row, plan);
        return new SubmitOutcome.Accepted(accepted.Job with { DependsOn = job.DependsOn });
    }

    /// <summary>The row as a claim makes it, when the job is the first of its line and the claim has a permit left; else null.</summary>
    private JobRow? TakenAtOnce(JobRow row, JobWrite.Claim? claim)
    {
        if (claim is null || claim.Taken.Count == claim.Count || row.State != JobState.Queued || row.Queue != claim.Queue) return null;
        if (row.LimitKey is not null || claim.Limits is not null || _memory.Signals.IsLimited(row.Queue) || _queues[row.Queue] is not { IsLimited: false } queue) return null;
        if (queue.Head <= JobRules.Rank(row)) return null;
        var decision = JobRules.Decide(row, new JobCommand.Claim(claim.Owner, Run.NewLease(_memory.Random), claim.Node), _now);
        // One that expired meanwhile is left to the line, which knows how to pass it.
        if (decision is not JobDecision.Moved { Next: { State: JobState.Running } next }) return null;
        next.HistorySeq = NextHistory();
        return next;
    }

    private JobRow Complete(JobRow row, bool waits)
    {
        var runAt = row.RunAt == default ? _now : row.RunAt;
        return row with
        {
            Seq = _jobNumbers.Dequeue(),
            CreatedAt = _now,
            RunAt = runAt,
            State = JobRules.Initial(runAt, _now, waits),
            Version = 1,
            HistorySeq = NextHistory(),
        };
    }

    private static SubmitOutcome Existing(JobRow wanted, JobEntry found) => found.Row.Digest == wanted.Digest
        ? new SubmitOutcome.Deduplicated(found.Job)
        : new SubmitOutcome.Refused(JobRefusals.IdConflict(wanted.Id));
}
