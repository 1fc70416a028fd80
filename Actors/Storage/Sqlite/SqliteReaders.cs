using ActorPerf.Cluster;
using System.Threading.Channels;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.Sqlite;

/// <summary>A few threads with a read-only connection each. The driver blocks, so reads never run on the thread pool.</summary>
internal sealed class SqliteReaders : IDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly string _path;
    private readonly Channel<IRead> _line = Channel.CreateBounded<IRead>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait });
    private readonly Thread[] _threads;

    public SqliteReaders(string path, int count)
    {
        _path = path;
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"actorperf-reader-{i + 1}" };
    }

    public void Start()
    {
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Runs <paramref name="read"/> in one read transaction on a reader's thread.</summary>
    /// <exception cref="StoreUnavailableException">10,000 reads wait already, or SQLite failed.</exception>
    public ValueTask<T> RunAsync<T>(Func<SqliteSession, T> read, CancellationToken ct)
    {
        var work = new Read<T>(read, ct);
        return _line.Writer.TryWrite(work)
            ? new ValueTask<T>(work.Task)
            : ValueTask.FromException<T>(new StoreUnavailableException($"{MaxWaiting} reads wait already. Try again in a second."));
    }

    public void Dispose()
    {
        _line.Writer.TryComplete();
        foreach (var thread in _threads)
            if (thread.IsAlive) thread.Join();
    }

    private void Run()
    {
        using var session = new SqliteSession(SqliteHandle.Open(_path, readOnly: true));
        session.Handle.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 5000;");
        while (Next() is { } read) read.Run(session);
    }

    private IRead? Next()
    {
        while (true)
        {
            if (_line.Reader.TryRead(out var read)) return read;
            // Blocking is what this thread is for.
#pragma warning disable CA2012
            var more = _line.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore CA2012
            if (!more) return null;
        }
    }

    private interface IRead
    {
        void Run(SqliteSession session);
    }

    private sealed class Read<T>(Func<SqliteSession, T> read, CancellationToken ct) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IRead
    {
        public void Run(SqliteSession session)
        {
            if (ct.IsCancellationRequested)
            {
                TrySetCanceled(ct);
                return;
            }
            try
            {
                TrySetResult(read(session));
            }
            catch (SqliteFaultException fault)
            {
                TrySetException(new StoreUnavailableException("The store could not be read. Try again.", fault));
            }
#pragma warning disable CA1031 // Whatever a read threw belongs to the caller who waits for it, not to this thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                TrySetException(exception);
            }
        }
    }
}

/// <summary>A connection with the statements prepared on it so far, by their text.</summary>
internal sealed class SqliteSession(SqliteHandle handle) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    public SqliteHandle Handle { get; } = handle;

    /// <summary>The prepared statement of a constant text, ready to bind.</summary>
    public SqliteStatement this[string sql]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out var statement)) _statements.Add(sql, statement = Handle.Prepare(sql));
            statement.Reset();
            return statement;
        }
    }

    /// <summary>Runs <paramref name="read"/> so that all of its statements see one state of the database.</summary>
    public T Snapshot<T>(Func<SqliteSession, T> read)
    {
        this["BEGIN"].Run();
        try
        {
            return read(this);
        }
        finally
        {
            foreach (var statement in _statements.Values) statement.Reset();
            this["COMMIT"].Run();
        }
    }

    public void Dispose() => Handle.Dispose();
}
