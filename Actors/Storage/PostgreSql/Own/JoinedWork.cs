using System.Data;
using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>A caller's own SQL that is committed with a submission of jobs.</summary>
/// <remarks>
/// Invariants: the jobs are written in the very transaction that the work was given, or not at all: its number is asked before and after. The work runs on another thread than the lane's, in its caller's
/// context, so that neither waits for the other without end; what does not end when told to loses its connection. It runs under the settings of a new connection, and our statements under ours.
/// </remarks>
/// <param name="stopping">Ends with the node.</param>
/// <param name="ct">The caller's.</param>
internal sealed class JoinedWork(
    Func<NpgsqlConnection, CancellationToken, Task> work, JobWrite.Submit submit, WorkLimits limits, ILogger log, CancellationToken stopping, CancellationToken ct) : JoinedCommit(submit)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>Completes after the commit, or fails when nothing took place.</summary>
    public Task Done => _done.Task;

    /// <summary>Fewer than usual: each runs the work again.</summary>
    public override int Tries => 5;

    public override bool Begin(LaneConnection lane, NpgsqlConnection connection)
    {
        if (stopping.IsCancellationRequested) throw new WorkFaultException(PostgresOwnLanes.Stops());
        if (ct.IsCancellationRequested) throw new WorkFaultException(new OperationCanceledException(ct));
        var tx = Open(connection);
        Run(lane, connection);
        TakeBack(connection, tx);
        return true;
    }

    public override void Settle() => _done.TrySetResult();

    public override void Fail(Exception cause) => _done.TrySetException(cause switch
    {
        WorkFaultException { InnerException: { } fault } => fault,
        StaleTransactionException => Met(cause),
        PostgresException met when PostgresFaults.IsCollision(met) => Met(cause),
        PostgresException refused => new PostgresWorkException($"The jobs cannot be written in the transaction as the work left it: {refused.MessageText}. Nothing took place.", refused),
        _ => cause,
    });

    protected override void WriteBeside(NpgsqlConnection connection)
    {
    }

    private StoreUnavailableException Met(Exception cause) => new($"{Tries} tries met other transactions. Nothing took place; try again.", cause);

    private long Open(NpgsqlConnection connection)
    {
        var tx = 0L;
        var pause = (long)(limits.Longest + limits.Grace).TotalMilliseconds;
        new RoundTrip(connection)
            .Run("BEGIN", null)
            .Run(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL idle_in_transaction_session_timeout = {pause}"), null)
            .Read($"SELECT {PostgresJobSchema.Tx}", r => tx = r.GetInt64(0))
            .Go();
        return tx;
    }

    private void Run(LaneConnection lane, NpgsqlConnection connection)
    {
        var time = TimeProvider.System;
        using var limit = new CancellationTokenSource(limits.Longest, time);
        using var told = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping, ct);
        var began = time.GetTimestamp();
        var running = Start(connection, told.Token);
        var (ended, late) = (HasEnded(running, told.Token), limit.IsCancellationRequested);
        if (!ended) lane.Abandon(running);
        var took = time.GetElapsedTime(began);
        if (took > IPostgresTransactions.Long) log.LongWork((long)took.TotalMilliseconds);
        var fault = ended ? FaultOf(running) : new OperationCanceledException(told.Token);
        // Where this machine is so busy that the limit's timer is late, the server ends the session before it, and the work fails by that.
        late |= fault is not null && took >= limits.Longest;
        if (late) throw new WorkFaultException(TooLong(fault));
        if (fault is null) return;
        throw new WorkFaultException(stopping.IsCancellationRequested && fault is OperationCanceledException ? PostgresOwnLanes.Stops() : fault);
    }

    private Task Start(NpgsqlConnection connection, CancellationToken token)
    {
        if (_context is null) return Task.Run(() => work(connection, token), CancellationToken.None);
        Task? running = null;
        ExecutionContext.Run(_context, _ => running = Task.Run(() => work(connection, token), CancellationToken.None), null);
        return running!;
    }

    /// <summary>Waits until it ends, or has been told to for long enough.</summary>
    private bool HasEnded(Task running, CancellationToken told)
    {
        try
        {
            Task.WaitAny([running], told);
            return true;
        }
        catch (OperationCanceledException)
        {
            return Task.WaitAny([running], limits.Grace) == 0;
        }
    }

    private static Exception? FaultOf(Task ended)
    {
        try
        {
            ended.GetAwaiter().GetResult();
            return null;
        }
#pragma warning disable CA1031 // Whatever the work threw belongs to its caller.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return fault;
        }
    }

    private PostgresWorkException TooLong(Exception? fault) => new(string.Create(
        CultureInfo.InvariantCulture, $"The work took longer than {limits.Longest.TotalSeconds:0.###} s, and nothing of it took place: other nodes' streams of events wait for an open transaction. Do less in one."), fault);

    /// <summary>Makes sure that the transaction is still the one that was begun, settles the constraints that the work put off, and takes what it set for itself out of our way.</summary>
    private static void TakeBack(NpgsqlConnection connection, long tx)
    {
        if (connection.State != ConnectionState.Open)
            throw Fault("The connection closed while the work ran, and with it the transaction: nothing took place that the work did not commit itself. Leave the connection open.");
        var now = 0L;
        var trip = new RoundTrip(connection)
            .Read($"SELECT {PostgresJobSchema.Tx}", r => now = r.GetInt64(0))
            .Run("SET CONSTRAINTS ALL IMMEDIATE", null)
            .Run("RESET SESSION AUTHORIZATION", null)
            .Run("RESET ROLE", null)
            .Run("RESET ALL", null)
            .Read(LaneConnection.LocalSettings, static _ => { });
        try
        {
            trip.Go();
        }
        catch (PostgresException aborted) when (aborted.SqlState == PostgresErrorCodes.InFailedSqlTransaction)
        {
            throw Fault("A statement of the work failed and the work went on, but PostgreSQL has given up the transaction: nothing took place. Let the exception through, or set a savepoint before what may fail.", aborted);
        }
        catch (PostgresException refused) when (PostgresFaults.IsRefusal(refused))
        {
            throw new WorkFaultException(refused);
        }
        catch (NpgsqlOperationInProgressException busy)
        {
            throw Fault("The work ended while a command of its own was under way: nothing took place. Await every command, and dispose of readers.", busy);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception))
        {
            // Not tried again: whether the work has committed by itself is what could not be asked.
            throw new WorkFaultException(PostgresFaults.Translate(exception));
        }
        if (now != tx) throw Fault("The work ended the transaction itself: what it committed stays, and the jobs were not submitted. Leave COMMIT and ROLLBACK to whoever called the work.");
    }

    private static WorkFaultException Fault(string message, Exception? cause = null) => new(new PostgresWorkException(message, cause));
}

/// <summary>How long a work may take.</summary>
/// <param name="Longest">Then it is told to end.</param>
/// <param name="Grace">For ending, once it was told. Then its connection is taken away.</param>
internal readonly record struct WorkLimits(TimeSpan Longest, TimeSpan Grace);

/// <summary>A fault of the work, or one for which it is not tried again; inside is what its caller is told.</summary>
internal sealed class WorkFaultException(Exception told) : Exception("The caller's own work did not end as it should.", told);
