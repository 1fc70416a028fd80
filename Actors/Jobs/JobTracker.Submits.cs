using System.Runtime.InteropServices;
using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Submits: taken in, committed with their neighbours, then answered. What holds an open permit starts in the same transaction.</content>
internal sealed partial class JobTracker
{
    private void Submit(TrackerCommand.Submit submit)
    {
        if (_parts.Draining is not null)
        {
            submit.Reply.TrySetResult(RefuseAll(submit.Jobs.Count, JobRefusals.Draining));
            return;
        }
        var full = Full(submit.Jobs);
        if (full is not null && (submit.Atomic || !full.Contains(null)))
        {
            submit.Reply.TrySetResult([.. full.Select(refused => refused ?? new SubmitOutcome.Refused(JobRefusals.BatchRefused))]);
            return;
        }
        var jobs = full is null ? submit.Jobs : [.. submit.Jobs.Where((_, i) => full[i] is null)];
        var atOnce = _atOnce.Reserve(jobs);
        var write = new JobWrite.Submit(jobs, submit.Atomic) { AtOnce = atOnce, Workflow = submit.Workflow, Refused = full };
        _pending.Add(write, submit);
        if (!_store.TryPost(write))
        {
            _pending.Remove(write);
            if (atOnce is not null) _atOnce.ReturnRest(atOnce, Self);
            TurnAway(submit.Reply, RefuseAll(submit.Jobs.Count, JobRefusals.Busy));
            return;
        }
        // Before the commit: the claim that this wakes goes behind the submit in the store's line, often into the same transaction.
        if (_store.IsInOrder) ArrivedAll(jobs, atOnce?.Count ?? 0);
    }

    /// <summary>Tells dispatchers of new jobs.</summary>
    /// <param name="without">So many of the first one's queue have permits already.</param>
    private void ArrivedAll(IReadOnlyList<NewJob> jobs, int without)
    {
        var queue = jobs[0].Row.Queue;
        var same = 0;
        for (var i = 0; i < jobs.Count; i++) same += jobs[i].Row.Queue == queue ? 1 : 0;
        if (same > without) Arrived(queue, same - without);
        if (same == jobs.Count) return;
        foreach (var group in jobs.GroupBy(job => job.Row.Queue).Where(group => group.Key != queue)) Arrived(group.Key, group.Count());
    }

    private static SubmitOutcome[] RefuseAll(int count, Refusal refusal)
    {
        var outcomes = new SubmitOutcome[count];
        Array.Fill(outcomes, new SubmitOutcome.Refused(refusal));
        return outcomes;
    }

    /// <summary>Why the node does not take all of these jobs; null where it does.</summary>
    private Refusal? Fault(IReadOnlyList<NewJob> jobs) =>
        _parts.Draining is not null ? JobRefusals.Draining : Full(jobs)?.OfType<SubmitOutcome.Refused>().First().Refusal;

    /// <summary>The jobs whose queue has no room for them: each queue takes the first of its own, and what is of another queue does not count.</summary>
    /// <returns>One item per job, null for those that fit; null where all do.</returns>
    private SubmitOutcome?[]? Full(IReadOnlyList<NewJob> jobs)
    {
        if (jobs is [var only]) return QueueFull(only.Row.Queue) is { } none ? [new SubmitOutcome.Refused(none)] : null;
        SubmitOutcome?[]? full = null;
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < jobs.Count; i++)
        {
            ref var before = ref CollectionsMarshal.GetValueRefOrAddDefault(taken, jobs[i].Row.Queue, out _);
            if (QueueFull(jobs[i].Row.Queue, before) is { } refusal) (full ??= new SubmitOutcome?[jobs.Count])[i] = new SubmitOutcome.Refused(refusal);
            else before++;
        }
        return full;
    }

    /// <param name="before">Jobs that are taken before it, and not counted yet.</param>
    private Refusal? QueueFull(string queue, int before = 0)
    {
        var limit = _parts.QueueOptions(queue).MaxWaiting;
        var waiting = _parts.Waiting.GetValueOrDefault(queue) + before;
        return waiting < limit ? null : JobRefusals.QueueFull(queue, waiting, limit, _parts.Pace.Room(queue, waiting + 1 - limit));
    }

    private void Submitted(JobWrite.Submit submit, TrackerCommand.Submit? request)
    {
        CrashPoints.Reach(CrashPoints.SubmitCommitted);
        // Job by job, so that one whose telling fails can be told again without those before it.
        for (; submit.ToldJobs < submit.Outcomes.Length; submit.ToldJobs++)
        {
            if (submit.Outcomes[submit.ToldJobs] is not SubmitOutcome.Accepted accepted) continue;
            _parts.Statistics.Submitted(accepted.Job.Row);
            Moved(accepted.Job, null);
            if (submit.TakenOf(accepted.Job) is { } taken) StartTaken(taken);
        }
        if (submit.AtOnce is { } reserved) NotTaken(reserved);
        // Somebody else's transaction, or one that an earlier claim might not have seen: nobody has woken the dispatchers.
        if (request is null || !_store.IsInOrder) ArrivedAll(submit.Jobs, submit.AtOnce?.Count ?? 0);
        request?.Reply.TrySetResult(submit.Answers);
        CrashPoints.Reach(CrashPoints.SubmitAnswered);
    }

    /// <summary>The store took a new job under one of the tracker's own permits.</summary>
    private void StartTaken(Job job)
    {
        var attempt = Begin(job);
        if (_parts.Pools.Find(job.Row.Queue) is not { } pool) return;
        if (_parts.Draining is null) _parts.Start.Start(attempt, pool.Gate, Self, Self);
        else pool.Gate.Tell(new GateCommand.Return(1), Self);
    }

    private void NotTaken(JobWrite.Claim claim)
    {
        if (claim.Taken.Count == claim.Count) return;
        _atOnce.ReturnRest(claim, Self);
        Arrived(claim.Queue, claim.Count - claim.Taken.Count);
    }

    private void SubmitFailed(JobWrite.Submit write, TrackerCommand.Submit submit, Exception failure)
    {
        if (write.AtOnce is { } claim)
        {
            claim.Taken.Clear();        // what the rolled back transaction put there
            _atOnce.ReturnRest(claim, Self);
        }
        submit.Reply.TrySetException(failure);
    }

    /// <summary>What was taken and could not be started stands as running; the comparison of rows finds it lost.</summary>
    private void SubmitGivenUp(JobWrite.Submit write, TrackerCommand.Submit submit, Exception reason)
    {
        if (write.AtOnce is { } claim && write.Outcomes[Math.Min(write.ToldJobs, write.Outcomes.Length - 1)] is SubmitOutcome.Accepted failed)
        {
            foreach (var job in claim.Taken)
                if (job.Row.Seq >= failed.Job.Row.Seq && _parts.Running.Of(job) is { } attempt) Forget(attempt);
            claim.Taken.RemoveAll(job => job.Row.Seq >= failed.Job.Row.Seq);
            _atOnce.ReturnRest(claim, Self);
        }
        submit.Reply.TrySetException(Unanswered(reason));
    }
}
