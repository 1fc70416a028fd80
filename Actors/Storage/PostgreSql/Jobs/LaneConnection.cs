using ActorPerf.Cluster;
using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The connection of a lane, opened again with back-off where it was lost. Belongs to the lane's thread.</summary>
/// <param name="source">Where it is kept, without a pool: its settings and locks must not come back to others.</param>
/// <param name="time">Of this machine: for how long a server that does not answer is left alone.</param>
/// <param name="kept">False: others do as they like with it, so each transaction has one fresh from its pool, and <see cref="LocalSettings"/> comes before statements of ours.</param>
internal sealed class LaneConnection(NpgsqlDataSource source, TimeProvider time, bool kept = true) : IDisposable
{
    private const int Slots = 256;

    // "slot" in the upper half of the lock's number.
    private const int SlotLock = 0x736c_6f74;

    // By keys and in order of an index, whatever the statistics of a table say that was empty a moment ago. Nobody waits for a lock, or holds one while the node stands still, without end:
    // a node whose answers are cut off holds the rows of what it was handing back, and others take its jobs within ten seconds of its lease's end.
    private static readonly (string Name, string Value)[] Settings =
    [
        ("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("enable_bitmapscan", "off"), ("jit", "off"), ("synchronous_commit", "on"),
        ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "5s"),
    ];

    /// <summary>The same until the end of a transaction: a query of one row.</summary>
    public static string LocalSettings { get; } =
        $"SELECT {string.Join(", ", Settings.Select(static setting => $"set_config('{setting.Name}', '{setting.Value}', true)"))}";

    private static readonly string SessionSettings = string.Join("; ", Settings.Select(static setting => $"SET {setting.Name} = '{setting.Value}'"));

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private NpgsqlConnection? _connection;
    private TimeSpan _pause = ShortestPause;
    private long _lost;       // timestamp
    private Exception? _cause;

    /// <summary>How long until it is worth to try again.</summary>
    public TimeSpan Pause => _pause;

    /// <summary>The connection; opens it where there is none.</summary>
    /// <exception cref="StoreUnavailableException">The server does not answer, or did not a moment ago.</exception>
    public NpgsqlConnection Open(LaneMemory memory)
    {
        if (kept && _connection is { State: System.Data.ConnectionState.Open } open) return open;
        Drop();
        if (_cause is not null && time.GetElapsedTime(_lost) < _pause)
            throw new StoreUnavailableException($"The database server does not answer ({_cause.Message}). Nothing changed; try again.", _cause);
        try
        {
            var connection = kept ? Connect(memory) : ConnectAnew(memory);
            (_pause, _cause) = (ShortestPause, null);
            return connection;
        }
        catch (Exception exception)
        {
            Drop();
            (_lost, _cause, _pause) = (time.GetTimestamp(), exception, _pause * 2 > LongestPause ? LongestPause : _pause * 2);
            throw;
        }
    }

    /// <summary>Commits.</summary>
    /// <param name="proof">What shows that it took place; null where it may be run again.</param>
    /// <param name="committed">Done after it.</param>
    /// <exception cref="CommitLostException">Nobody knows whether it took place.</exception>
    public void Commit(long tx, CommitProof? proof, Action committed)
    {
        try
        {
            using var command = new NpgsqlCommand("COMMIT", _connection) { CommandTimeout = RoundTrip.TimeoutSeconds };
            command.ExecuteNonQuery();
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception) && !PostgresFaults.IsRefusal(exception))
        {
            Drop();
            throw new CommitLostException(tx, proof, committed, exception);
        }
        committed();
        if (!kept) Drop();
    }

    /// <summary>Never throws: without a connection there is no transaction either.</summary>
    public void Rollback()
    {
        try
        {
            if (_connection is not { State: System.Data.ConnectionState.Open }) return;
            using var command = new NpgsqlCommand("ROLLBACK", _connection);
            command.ExecuteNonQuery();
            if (!kept) Drop();
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception) || exception is InvalidOperationException)
        {
            Drop();
        }
    }

    /// <summary>Whether a transaction took place; null while the server process that was to commit it has not noticed yet that nobody is there any more.</summary>
    /// <returns>False also for one that leaves no proof: it is to be run again.</returns>
    public bool? TookPlace(long tx, CommitProof? proof)
    {
        using var connection = source.OpenConnection();
        try
        {
            // Null: too old to be remembered.
            using var command = new NpgsqlCommand("SELECT coalesce(pg_xact_status($1::text::xid8), 'committed')", connection).Bind(PostgresValues.Text(tx.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            if ((string)command.ExecuteScalar()! is var status and not "committed") return status == "aborted" ? false : null;
        }
        catch (PostgresException unheard) when (unheard.SqlState == PostgresErrorCodes.InvalidParameterValue)
        {
            return false;      // of the future, says the server: it crashed, and has lost even the number
        }
        return proof?.IsThere(connection) ?? false;
    }

    /// <summary>Gives up the connection, which somebody else still uses: the server ends its session, and it is disposed of when they are done.</summary>
    /// <param name="user">Ends when they are.</param>
    public void Abandon(Task user)
    {
        if (_connection is not { } connection) return;
        _connection = null;
        var process = connection.State == System.Data.ConnectionState.Open ? connection.ProcessID : 0;
        user.ContinueWith(
            static (ended, used) =>
            {
                _ = ended.Exception;      // its caller was told long ago
                ((NpgsqlConnection)used!).Dispose();
            }, connection, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (process == 0) return;
        try
        {
            using var other = source.OpenConnection();
            using var command = new NpgsqlCommand("SELECT pg_terminate_backend($1)", other).Bind(PostgresValues.Small(process));
            command.ExecuteNonQuery();
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception))
        {
            // Without a server there is no session either; otherwise its own time limit ends the transaction.
        }
    }

    public void Dispose() => Drop();

    private NpgsqlConnection Connect(LaneMemory memory)
    {
        _connection = source.OpenConnection();
        if (kept)
        {
            using var settings = new NpgsqlCommand(SessionSettings, _connection);
            settings.ExecuteNonQuery();
        }
        memory.Slot = TakeSlot(_connection);
        memory.WebhookEpoch = -1;
        return _connection;
    }

    /// <summary>What lies in a pool may have been closed by the server long ago.</summary>
    private NpgsqlConnection ConnectAnew(LaneMemory memory)
    {
        try
        {
            return Connect(memory);
        }
        catch (Exception exception) when (PostgresFaults.IsOfTheConnection(exception) && !PostgresFaults.IsRefusal(exception))
        {
            Drop();
            source.Clear();
            return Connect(memory);
        }
    }

    /// <summary>A number that no other connection has, held as long as this one: the counters' rows with it are its own, so that commits do not wait for each other.</summary>
    private static int TakeSlot(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            $"SELECT slot FROM generate_series(0, {Slots - 1}) AS slot WHERE pg_try_advisory_lock({SlotLock}, slot) LIMIT 1", connection);
        // With more connections than slots some share one, and wait for each other.
        return command.ExecuteScalar() is int slot ? slot : connection.ProcessID % Slots;
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}

/// <summary>The connection broke while the server was to commit.</summary>
internal sealed class CommitLostException(long tx, CommitProof? proof, Action committed, Exception cause) : Exception("The connection broke while the database server was to commit.", cause)
{
    /// <summary>By which the server knows the transaction.</summary>
    public long Tx { get; } = tx;

    public CommitProof? Proof { get; } = proof;

    /// <summary>Does what a commit is followed by.</summary>
    public void Committed() => committed();
}
