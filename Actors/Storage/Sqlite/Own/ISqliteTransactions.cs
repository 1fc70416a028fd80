using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Short SQL of a caller's own, on tables of its own in the node's SQLite file, in one transaction with jobs: both take place, or neither.</summary>
public interface ISqliteTransactions
{
    /// <summary>The time after which <c>work</c> is broken off and nothing of it takes place. It holds up every other write of the node.</summary>
    static TimeSpan Longest { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The time after which a warning is logged.</summary>
    static TimeSpan Long { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs <paramref name="work"/> and submits <paramref name="jobs"/> in one transaction, together with what others write at that time. Returns after the
    /// commit; jobs start from then on.</summary>
    /// <param name="work">Runs on the writer's thread, so let it do its SQL and nothing else: no waiting, no network, no other call of the node. It may run more
    /// than once, where the transaction that carried it failed for other reasons; only the last run counts.</param>
    /// <param name="jobs">0 to 10,000 of one namespace, all or none. A job that is there already (same id and body, same unique key) refuses nothing.</param>
    /// <param name="ct">Leaves the wait; what was handed over may take place all the same.</param>
    /// <exception cref="SqliteWorkException">A statement failed, was not allowed (our tables, transactions, <c>PRAGMA</c>, <c>ATTACH</c>), or took too long; nothing took place.</exception>
    /// <exception cref="Exception">What <paramref name="work"/> threw itself; nothing took place.</exception>
    /// <exception cref="StoreUnavailableException">Transient: nothing changed, try again.</exception>
    ValueTask<SqliteTransactionOutcome> InTransactionAsync(Action<SqliteTransactionScope> work, IReadOnlyList<Submission> jobs, CancellationToken ct);
}

/// <summary>What became of a transaction.</summary>
public abstract record SqliteTransactionOutcome
{
    private SqliteTransactionOutcome()
    {
    }

    /// <summary>Durable.</summary>
    /// <param name="Jobs">One per submission, in their order; none is refused.</param>
    public sealed record Committed(IReadOnlyList<SubmitOutcome> Jobs) : SqliteTransactionOutcome;

    /// <summary>A job was refused, so nothing took place.</summary>
    /// <param name="Job">Which, from 0; -1 where it is the node that takes none.</param>
    public sealed record Refused(int Job, Refusal Refusal) : SqliteTransactionOutcome;
}

/// <summary>SQL of a caller's own that could not be carried out; nothing of its transaction took place.</summary>
public sealed class SqliteWorkException : Exception
{
    public SqliteWorkException()
        : this("The SQL could not be carried out.")
    {
    }

    public SqliteWorkException(string message)
        : base(message)
    {
    }

    public SqliteWorkException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>SQLite's extended result code, such as 2067 for a broken UNIQUE; 0 where SQLite was not asked.</summary>
    public int Code { get; init; }
}
