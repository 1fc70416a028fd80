using ActorPerf.Data;
using ActorPerf.Jobs;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What is committed with a submission of jobs, over the connection of the lane that writes the jobs. On the lane's thread, which has nothing else to do.</summary>
/// <remarks>Invariants: both take place or neither. The caller is answered once: after the commit, or when nothing took place.</remarks>
internal abstract class JoinedCommit(JobWrite.Submit submit)
{
    /// <summary>How often it is tried where other transactions are in the way.</summary>
    public virtual int Tries => JobLane.Tries;

    /// <summary>Begins the transaction and does what goes before the jobs. False where that stands in the way of them; then the transaction is to be rolled back, and the caller is answered.</summary>
    /// <param name="lane">Whose connection it is.</param>
    public abstract bool Begin(LaneConnection lane, NpgsqlConnection connection);

    /// <summary>Does what goes after the jobs; nothing where one was refused.</summary>
    /// <exception cref="AttachedWriteRefusedException">One was: the transaction is to be rolled back.</exception>
    public void Write(NpgsqlConnection connection)
    {
        if (submit.Outcomes.Any(outcome => outcome is SubmitOutcome.Refused)) throw AttachedWriteRefusedException.OfJobs();
        WriteBeside(connection);
    }

    /// <summary>It is durable, or <see cref="Begin"/> stood in the way.</summary>
    public abstract void Settle();

    /// <summary>Nothing took place, or nobody knows (<see cref="CommitUnknownException"/>).</summary>
    public abstract void Fail(Exception cause);

    protected abstract void WriteBeside(NpgsqlConnection connection);
}
