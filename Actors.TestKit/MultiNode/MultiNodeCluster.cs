using ActorPerf.Cluster;
using ActorPerf.Setup;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>Several nodes in the test's process over one database, each behind a line of its own.</summary>
public sealed class MultiNodeCluster : IAsyncDisposable
{
    private readonly MultiNodeOptions _options;
    private readonly SharedStorage _storage;
    private readonly Dictionary<string, TestNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<TestNode> _former = [];

    private MultiNodeCluster(MultiNodeOptions options)
    {
        _options = options;
        _storage = new SharedStorage(Of(options.Folder), TimeProvider.System, seed: 1);
    }

    /// <summary>Nodes that were not killed or stopped, in order of their start.</summary>
    public IReadOnlyList<TestNode> Nodes => [.. _nodes.Values];

    /// <exception cref="KeyNotFoundException">There is no such node, or no more.</exception>
    public TestNode this[string name] => _nodes[name];

    public static async Task<MultiNodeCluster> StartAsync(MultiNodeOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var cluster = new MultiNodeCluster(options);
        try
        {
            foreach (var name in options.Names) await cluster.AddAsync(name, ct);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more, or again one that was killed or stopped.</summary>
    public async Task<TestNode> AddAsync(string name, CancellationToken ct)
    {
        var node = await TestNode.StartAsync(name, _options, _storage.Join(static _ => { }), ct);
        _nodes.Add(name, node);
        return node;
    }

    /// <summary><see cref="TestNode.KillAsync"/>, and it is no longer among the <see cref="Nodes"/>.</summary>
    public async Task KillAsync(string name)
    {
        _nodes.Remove(name, out var node);
        _former.Add(node!);
        await node!.KillAsync();
    }

    /// <summary>Checks every invariant of the database.</summary>
    /// <exception cref="MultiNodeException">One does not hold.</exception>
    public async Task VerifyAsync(CancellationToken ct)
    {
        using var storage = _storage.Join(static _ => { });
        var report = await storage.VerifyAsync(ct);
        if (report.Violations.Count == 0) return;
        throw new MultiNodeException($"The database does not hold together: {string.Join("; ", report.Violations.Select(fault => $"{fault.Invariant} ({fault.Detail}) broken by {string.Join(", ", fault.Ids)}"))}\n{Logs()}");
    }

    /// <summary>What all nodes logged, node by node.</summary>
    public string Logs() => string.Join('\n', _former.Concat(_nodes.Values).Select(node => $"--- {node.Name}\n{string.Join('\n', node.Log)}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
        _nodes.Clear();
        _storage.Dispose();
    }

    private static StorageOptions Of(string? folder) => folder is null
        ? new StorageOptions { Provider = StorageProvider.Memory }
        : new StorageOptions { Provider = StorageProvider.Sqlite, ConnectionString = $"Data Source={Path.Combine(folder, "cluster.db")}" };
}

/// <summary>A test of several nodes failed in the kit's own hands; the nodes' logs stand in the message.</summary>
public sealed class MultiNodeException : Exception
{
    public MultiNodeException()
    {
    }

    public MultiNodeException(string message)
        : base(message)
    {
    }

    public MultiNodeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
