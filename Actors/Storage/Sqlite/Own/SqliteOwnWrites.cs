using ActorPerf.Cluster;
using ActorPerf.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Callers' own SQL on its way through the write queue.</summary>
/// <remarks>Invariant: what a work does wrong is taken back by its savepoint and told to its caller; the other items of the transaction do not notice. The
/// exception is a write that was broken off in its midst, with which SQLite ends the transaction: then all run once more one by one, without that work.</remarks>
internal sealed class SqliteOwnWrites(SqliteSession session, TimeProvider time) : IWriteHandler, IDisposable
{
    public static string TooLong { get; } =
        $"The work took longer than {ISqliteTransactions.Longest.TotalSeconds:0} s, and nothing of it took place: it holds up every other write of the node. Do less in one transaction.";

    private SqliteGuard? _guard;

    public ILogger Log { get; set; } = NullLogger.Instance;

    public void Apply(object write)
    {
        var own = (SqliteOwnWork)write;
        own.Fault = own.Spent;
        if (own.Spent is not null) return;
        session["SAVEPOINT own_work"].Run();
        own.Fault = Run(own.Work, out var ended);
        if (ended is { } fault) throw fault;
        if (session.Handle.AutoCommit) throw own.Spent = own.Fault ?? new SqliteWorkException("The transaction ended before the work did; nothing of it took place.");
        if (own.Fault is not null) session["ROLLBACK TO own_work"].Run();
        session["RELEASE own_work"].Run();
    }

    public void Flush()
    {
    }

    public void Forget()
    {
    }

    public void Committed(IReadOnlyList<object> writes)
    {
        foreach (var write in writes) ((SqliteOwnWork)write).Tell();
    }

    public void Failed(object write, Exception cause) => ((SqliteOwnWork)write).Fail(
        cause is StoreUnavailableException or AttachedWriteRefusedException or SqliteWorkException || cause == ((SqliteOwnWork)write).Spent
            ? cause : new StoreUnavailableException("The store could not write. Nothing changed; try again.", cause));

    public void Dispose() => _guard?.Dispose();

    /// <param name="ended">A fault of the engine, for the queue to sort.</param>
    /// <returns>Why the work is to be taken back; null when it is not.</returns>
    private Exception? Run(Action<SqliteTransactionScope> work, out SqliteFaultException? ended)
    {
        var guard = _guard ??= new SqliteGuard(session.Handle, time);
        var scope = new SqliteTransactionScope(session.Handle, guard);
        Exception? fault = null;
        guard.Enter();
        try
        {
            work(scope);
        }
#pragma warning disable CA1031 // Whatever the work threw belongs to its caller, and must not reach the other writes.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = exception;
        }
        scope.End();
        var took = guard.Leave();
        if (took > ISqliteTransactions.Long) Log.LongWork((long)took.TotalMilliseconds);
        ended = scope.Fault;
        return took > ISqliteTransactions.Longest || guard.Interrupted ? new SqliteWorkException(TooLong) : fault;
    }
}

/// <summary>One work, and whoever awaits it.</summary>
internal sealed class SqliteOwnWork(Action<SqliteTransactionScope> work)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Action<SqliteTransactionScope> Work { get; } = work;

    public Task Task => _done.Task;

    /// <summary>Why it was taken back; null when it was not. Told once the transaction is durable.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Set when it ended a whole transaction: it is not tried again.</summary>
    public Exception? Spent { get; set; }

    public void Tell()
    {
        if (Fault is { } fault) Fail(fault);
        else _done.TrySetResult();
    }

    public void Fail(Exception cause) => _done.TrySetException(cause);
}
