using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary><see cref="ISqliteTransactions"/> over the write queue: one group of the caller's work and an atomic submission.</summary>
internal sealed class SqliteTransactions(WriteQueue queue, SqliteOwnWrites own, SqliteJobStore jobs, IJobAdmission admission, ShownJobs shown) : ISqliteTransactions
{
    private const int WorkBytes = 1_024;         // nobody knows what it will write

    public async ValueTask<SqliteTransactionOutcome> InTransactionAsync(Action<SqliteTransactionScope> work, IReadOnlyList<Submission> submissions, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        return await OwnJobs.CheckAsync(admission, submissions, ct) switch
        {
            OwnJobs.Checked.Fit(var submit) => await CommitAsync(new SqliteOwnWork(work), submit, ct),
            OwnJobs.Checked.Refused refused => Refused(refused),
            var other => throw new ArgumentOutOfRangeException(nameof(submissions), other, "neither fit nor refused"),
        };
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
        catch (AttachedWriteRefusedException) when (OwnJobs.RefusedAt(submit) is { } refused)
        {
            return Refused(refused);
        }
        return new SqliteTransactionOutcome.Committed(shown.Of(submit.Outcomes));
    }

    private static SqliteTransactionOutcome.Refused Refused(OwnJobs.Checked.Refused refused) => new(refused.Job, refused.Refusal);
}
