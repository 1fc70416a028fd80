using ActorPerf.Cluster;
using ActorPerf.Data;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>SQL of a caller's own, on tables of its own in the node's PostgreSQL database, in one transaction with jobs: both take place, or neither.</summary>
public interface IPostgresTransactions
{
    /// <summary>The time after which <c>work</c> is broken off and nothing of it takes place.</summary>
    static TimeSpan Longest { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The time after which a warning is logged: event streams and webhooks of all nodes stop in front of the oldest open transaction.</summary>
    static TimeSpan Long { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How many go on at once in a node; others wait for up to 30 s. None of them holds up a job's write.</summary>
    static int Most { get; } = 4;

    /// <summary>Runs <paramref name="work"/> in a transaction, then submits <paramref name="jobs"/> in the same one. Returns after the commit; jobs start from then on.</summary>
    /// <param name="work">Gets a connection with an open transaction, its settings as they are for any new connection, and a token that ends with <paramref name="ct"/>, the time limit or
    /// the node. It awaits all that it begins, and leaves <c>COMMIT</c>, <c>ROLLBACK</c> and closing to the caller; savepoints are its own. It may run again where another
    /// transaction or a broken connection got in the way, and only when nothing of the run before was committed.</param>
    /// <param name="jobs">0 to 10,000 of one namespace, all or none. A job that is there already (same id and body, same unique key) refuses nothing.</param>
    /// <param name="ct">Breaks the work off. Once it has ended the commit goes its way, so that an <see cref="OperationCanceledException"/> means that nothing took place.</param>
    /// <exception cref="PostgresWorkException">The work took too long, or did not leave the transaction as it found it.</exception>
    /// <exception cref="Exception">What <paramref name="work"/> threw itself, or a deferred constraint of its tables; nothing took place.</exception>
    /// <exception cref="CommitUnknownException">The connection broke at the commit, and the node stopped before the server could be asked what became of it.</exception>
    /// <exception cref="StoreUnavailableException">Otherwise: transient, nothing changed, try again.</exception>
    ValueTask<PostgresTransactionOutcome> InTransactionAsync(Func<NpgsqlConnection, CancellationToken, Task> work, IReadOnlyList<Submission> jobs, CancellationToken ct);
}

/// <summary>What became of a transaction.</summary>
public abstract record PostgresTransactionOutcome
{
    private PostgresTransactionOutcome()
    {
    }

    /// <summary>Durable.</summary>
    /// <param name="Jobs">One per submission, in their order; none is refused.</param>
    public sealed record Committed(IReadOnlyList<SubmitOutcome> Jobs) : PostgresTransactionOutcome;

    /// <summary>A job was refused, so nothing took place.</summary>
    /// <param name="Job">Which, from 0; -1 where it is the node that takes none.</param>
    public sealed record Refused(int Job, Refusal Refusal) : PostgresTransactionOutcome;
}

/// <summary>A caller's own work that cannot be committed with its jobs: the message says why, and what became of it.</summary>
public sealed class PostgresWorkException : Exception
{
    public PostgresWorkException()
        : this("The work cannot be committed.")
    {
    }

    public PostgresWorkException(string message)
        : base(message)
    {
    }

    public PostgresWorkException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
