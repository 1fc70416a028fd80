using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary><see cref="ISqliteTransactions"/> over the write queue: one group of the caller's work and an atomic submission.</summary>
internal sealed class SqliteTransactions(WriteQueue queue, SqliteOwnWrites own, SqliteJobStore jobs, IJobAdmission admission, ShownJobs shown) : ISqliteTransactions
{
    private const int MaxJobs = 10_000;
    private const int WorkBytes = 1_024;         // nobody knows what it will write

    public async ValueTask<SqliteTransactionOutcome> InTransactionAsync(Action<SqliteTransactionScope> work, IReadOnlyList<Submission> submissions, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(submissions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Count, MaxJobs, nameof(submissions));
        ct.ThrowIfCancellationRequested();
        var checkedJobs = new NewJob[submissions.Count];
        for (var i = 0; i < checkedJobs.Length; i++)
        {
            if (admission.Check(submissions[i], out var job) is { } refusal) return new SqliteTransactionOutcome.Refused(i, refusal);
            checkedJobs[i] = job!;
        }
        if (checkedJobs.Length > 0 && await admission.AdmitAsync(checkedJobs, ct) is { } full) return new SqliteTransactionOutcome.Refused(-1, full);
        return await CommitAsync(new SqliteOwnWork(work), new JobWrite.Submit(checkedJobs, atomic: true), ct);
    }

    private async Task<SqliteTransactionOutcome> CommitAsync(SqliteOwnWork work, JobWrite.Submit submit, CancellationToken ct)
    {
        var group = submit.Jobs.Count > 0 ? new WriteGroup(work, own, () => work.Fault is null, [(jobs, submit)]) : null;
        if (!queue.TryPost((object?)group ?? work, (IWriteHandler?)group ?? own, urgent: false, WorkBytes + submit.Bytes))
            throw new StoreUnavailableException("The line of writes is full, or the store stops. Nothing changed; try again in a second.");
        try
        {
            await work.Task.WaitAsync(ct);
        }
        catch (AttachedWriteRefusedException) when (RefusedAt(submit) is { } refused)
        {
            return refused;
        }
        return new SqliteTransactionOutcome.Committed(shown.Of(submit.Outcomes));
    }

    /// <summary>The job for whose sake the others were refused.</summary>
    private static SqliteTransactionOutcome.Refused? RefusedAt(JobWrite.Submit submit)
    {
        var place = Array.FindIndex(submit.Outcomes, static outcome => outcome is SubmitOutcome.Refused refused && refused.Refusal.Code != JobRefusals.BatchRefused.Code);
        return place < 0 ? null : new SqliteTransactionOutcome.Refused(place, ((SubmitOutcome.Refused)submit.Outcomes[place]).Refusal);
    }
}
