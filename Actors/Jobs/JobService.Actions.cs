using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <content>What can be done to one job after its submission.</content>
internal sealed partial class JobService
{
    public async ValueTask<JobOutcome?> CancelAsync(Namespace ns, JobId id, CancellationToken ct) =>
        await AskAsync(reply => new TrackerCommand.Cancel(ns, id, reply), ct);

    public async ValueTask<JobOutcome?> RunNowAsync(Namespace ns, JobId id, CancellationToken ct) =>
        await AskAsync(reply => new TrackerCommand.Ask(ns, id, new JobCommand.RunNow(), reply), ct);

    public async ValueTask<JobOutcome?> EditAsync(Namespace ns, JobId id, JobCommand.Edit edit, CancellationToken ct) =>
        SubmissionCheck.Fault(edit, time.GetUtcNow()) is { } fault
            ? await store.ReadManyAsync(ns, [id], ct) is [not null] ? new JobOutcome.Refused(fault) : null
            : await AskAsync(reply => new TrackerCommand.Ask(ns, id, edit, reply), ct);

    public async ValueTask<JobOutcome?> DeleteAsync(Namespace ns, JobId id, CancellationToken ct) =>
        await AskAsync(reply => new TrackerCommand.Delete(ns, id, reply), ct);

    public async ValueTask<SubmitOutcome?> RerunAsync(Namespace ns, JobId id, Rerun rerun, CancellationToken ct)
    {
        if ((await store.ReadManyAsync(ns, [id], ct))[0] is not { } old) return null;
        return old.Row.State.IsFinal ? await SubmitAsync(rerun.Of(old), ct) : new SubmitOutcome.Refused(JobActions.Conflict(old.Row, "be run again"));
    }

    private async Task<JobOutcome?> AskAsync(Func<TaskCompletionSource<JobOutcome?>, TrackerCommand> command, CancellationToken ct)
    {
        if (ended()) throw Ended();
        var reply = new TaskCompletionSource<JobOutcome?>(TaskCreationOptions.RunContinuationsAsynchronously);
        tracker.Tell(command(reply));
        var outcome = await reply.Task.WaitAsync(ct);
        return outcome is JobOutcome.Done done ? new JobOutcome.Done((await outlook.ManyAsync([done.Job], ct))[0]!) : outcome;
    }
}
