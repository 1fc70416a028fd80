using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary><see cref="IPostgresTransactions"/> over lanes of its own: the caller's work joins an atomic submission.</summary>
internal sealed class PostgresTransactions(PostgresOwnLanes lanes, IJobAdmission admission, ShownJobs shown, ILogger log) : IPostgresTransactions
{
    /// <summary>As callers are told; others in tests.</summary>
    public WorkLimits Limits { get; init; } = new(IPostgresTransactions.Longest, TimeSpan.FromSeconds(3));

    public async ValueTask<PostgresTransactionOutcome> InTransactionAsync(Func<NpgsqlConnection, CancellationToken, Task> work, IReadOnlyList<Submission> jobs, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        return await OwnJobs.CheckAsync(admission, jobs, ct) switch
        {
            OwnJobs.Checked.Fit(var submit) => await CommitAsync(work, submit, ct),
            OwnJobs.Checked.Refused refused => Refused(refused),
            var other => throw new ArgumentOutOfRangeException(nameof(jobs), other, "neither fit nor refused"),
        };
    }

    private async Task<PostgresTransactionOutcome> CommitAsync(Func<NpgsqlConnection, CancellationToken, Task> work, JobWrite.Submit submit, CancellationToken ct)
    {
        try
        {
            await lanes.RunAsync(submit, new JoinedWork(work, submit, Limits, log, lanes.Stopping, ct), ct);
        }
        catch (AttachedWriteRefusedException) when (OwnJobs.RefusedAt(submit) is { } refused)
        {
            return Refused(refused);
        }
        return new PostgresTransactionOutcome.Committed(shown.Of(submit.Outcomes));
    }

    private static PostgresTransactionOutcome.Refused Refused(OwnJobs.Checked.Refused refused) => new(refused.Job, refused.Refusal);
}
