using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Entities that are committed with a submission of jobs.</summary>
/// <remarks>Entities go first: where they stand in the way no job is tried, and whoever waits for an entity holds no lock of jobs; transactions of jobs alone never wait for
/// entities, so the two kinds of lock make no circle.</remarks>
internal sealed class JoinedEntities(PostgresEntityWriter entities, Namespace ns, EntityCommit commit, JobWrite.Submit submit) : JoinedCommit(submit)
{
    private readonly TaskCompletionSource<CommitOutcome> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgresEntityWriter.Decided? _decided;
    private bool _again;

    /// <summary>What became of it.</summary>
    public Task<CommitOutcome> Answer => _answer.Task;

    /// <summary>Locks the entities and decides.</summary>
    public override bool Begin(LaneConnection lane, NpgsqlConnection connection)
    {
        _decided = PostgresEntityWriter.DecideAsync(connection, ns, commit.Reads, commit.Writes, commit, alone: _again, CancellationToken.None).GetAwaiter().GetResult();
        _again = true;
        return _decided.Outcome.Committed;
    }

    public override void Settle() => _answer.TrySetResult(_decided!.Outcome);

    public override void Fail(Exception cause) => _answer.TrySetException(cause);

    protected override void WriteBeside(NpgsqlConnection connection) => entities.WriteAsync(connection, ns, _decided!, commit).GetAwaiter().GetResult();
}
