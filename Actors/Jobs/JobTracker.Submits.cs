using ActorPerf.Cluster;
using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>Submits: taken in, committed with their neighbours, then answered. What holds an open permit starts in the same transaction.</content>
internal sealed partial class JobTracker
{
    private void Submit(TrackerCommand.Submit submit)
    {
        if (Fault(submit.Jobs) is { } refusal)
        {
            submit.Reply.TrySetResult(submit.Atomic && refusal.Code == JobRefusals.QueueFullCode ? RefuseBatch(submit.Jobs) : RefuseAll(submit.Jobs.Count, refusal));
            return;
        }
        var atOnce = _atOnce.Reserve(submit.Jobs);
        var write = new JobWrite.Submit(submit.Jobs, submit.Atomic) { AtOnce = atOnce, Workflow = submit.Workflow };
        _pending.Add(write, submit);
        if (!_store.TryPost(write))
        {
            _pending.Remove(write);
            if (atOnce is not null) _atOnce.ReturnRest(atOnce, Self);
            submit.Reply.TrySetResult(RefuseAll(submit.Jobs.Count, JobRefusals.Busy));
            return;
        }
        // Before the commit: the claim that this wakes goes behind the submit in the store's line, often into the same transaction.
        if (_store.IsInOrder) ArrivedAll(submit.Jobs, atOnce?.Count ?? 0);
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

    /// <summary>Of an atomic batch, those whose queue is full are what the others are refused for.</summary>
    private SubmitOutcome[] RefuseBatch(IReadOnlyList<NewJob> jobs) =>
        [.. jobs.Select(job => new SubmitOutcome.Refused(QueueFull(job.Row.Queue, jobs.Count) ?? JobRefusals.BatchRefused))];

    /// <summary>Why the node takes none of these jobs; null where it takes them.</summary>
    private Refusal? Fault(IReadOnlyList<NewJob> jobs)
    {
        if (_parts.Draining is not null) return JobRefusals.Draining;
        for (var i = 0; i < jobs.Count; i++)
            if (QueueFull(jobs[i].Row.Queue, jobs.Count) is { } full) return full;
        return null;
    }

    private Refusal? QueueFull(string queue, int adding)
    {
        var limit = _parts.QueueOptions(queue).MaxWaiting;
        var waiting = _parts.Waiting.GetValueOrDefault(queue);
        return waiting + adding > limit ? JobRefusals.QueueFull(queue, waiting, limit, _parts.Pace.Room(queue, waiting + adding - limit)) : null;
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
        request?.Reply.TrySetResult(submit.Outcomes);
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
