using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;

namespace ActorPerf.Setup;

/// <summary>One database in this process for several of its nodes. Register it with the services of each node's host, and dispose it after the last of them.</summary>
public sealed class SharedStorage : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly List<Action<Exception>> _fatal = [];
    private INodeStorage? _root;

    /// <summary>Whether nodes of one process need one; where the database is on a server each has connections of its own.</summary>
    public static bool IsNeeded(StorageOptions options) => options.Provider != StorageProvider.Postgresql;

    /// <param name="options">As the nodes are configured.</param>
    /// <param name="time">The clock that rows are stamped with.</param>
    /// <param name="seed">Of leases, jitter and ids.</param>
    public SharedStorage(StorageOptions options, TimeProvider time, int seed) => (_options, _time, _random) = (options, time, new Random(seed));

    /// <summary>A node's hold on it; the first one opens it.</summary>
    /// <param name="fatal">Told once when acknowledged work may be gone: end the process with exit code 74.</param>
    /// <exception cref="StorageSetupException">It cannot be used as configured.</exception>
    public INodeStorage Join(Action<Exception> fatal)
    {
        lock (_gate)
        {
            _root ??= Open();
            _fatal.Add(fatal);
            return _root.Another();
        }
    }

    public void Dispose()
    {
        lock (_gate) _root?.Dispose();
    }

    private INodeStorage Open() => _options.Provider switch
    {
        StorageProvider.Memory => new MemoryStorage(_time, _random, shared: true),
        StorageProvider.Postgresql => throw new StorageSetupException("Nodes on PostgreSQL meet in the server: each opens it by itself."),
        _ => SqliteStorage.Open(_options.ConnectionString, _time, _random, Fail, shared: true),
    };

    private void Fail(Exception cause)
    {
        Action<Exception>[] all;
        lock (_gate) all = [.. _fatal];
        foreach (var fatal in all) fatal(cause);
    }
}
