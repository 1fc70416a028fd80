using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Entities that are committed with a submission of jobs, over the connection of the lane that writes the jobs.</summary>
/// <remarks>
/// Invariants: both take place or neither. Entities go first: where they stand in the way no job is tried, and whoever waits for an entity holds no lock of jobs; transactions
/// of jobs alone never wait for entities, so the two kinds of lock make no circle. The caller is answered once: after the commit, or when nothing took place.
/// </remarks>
internal sealed class JoinedCommit(PostgresEntityWriter entities, Namespace ns, EntityCommit commit, JobWrite.Submit submit)
{
    private readonly TaskCompletionSource<CommitOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgresEntityWriter.Decided? _decided;
    private bool _again;

    /// <summary>What became of it.</summary>
    public Task<CommitOutcome> Answer => _answer.Task;

    /// <summary>Begins the transaction, locks the entities and decides. False where they stand in the way; then the transaction is to be rolled back, and the caller is answered.</summary>
    public bool Begin(NpgsqlConnection connection)
    {
        // The lane's thread has nothing else to do.
        _decided = PostgresEntityWriter.DecideAsync(connection, ns, commit.Reads, commit.Writes, commit, alone: _again, CancellationToken.None).GetAwaiter().GetResult();
        _again = true;
        return _decided.Outcome.Committed;
    }

    /// <summary>Writes what was decided; nothing where a job was refused.</summary>
    /// <exception cref="AttachedWriteRefusedException">One was: the transaction is to be rolled back.</exception>
    public void Write(NpgsqlConnection connection)
    {
        if (submit.Outcomes.Any(outcome => outcome is SubmitOutcome.Refused)) throw AttachedWriteRefusedException.OfJobs();
        entities.WriteAsync(connection, ns, _decided!, commit).GetAwaiter().GetResult();
    }

    public void Settle() => _answer.TrySetResult(_decided!.Outcome);

    public void Fail(Exception cause) => _answer.TrySetException(cause);
}
