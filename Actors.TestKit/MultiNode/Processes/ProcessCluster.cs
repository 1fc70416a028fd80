using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>Several nodes, each a process, over one PostgreSQL database, each behind a proxy of its own.</summary>
public sealed class ProcessCluster : IAsyncDisposable
{
    private readonly Dictionary<string, ProcessNode> _nodes = new(StringComparer.Ordinal);
    private readonly DbConnectionStringBuilder _database;

    private ProcessCluster(ProcessOptions options)
    {
        Options = options;
        _database = new DbConnectionStringBuilder { ConnectionString = options.ConnectionString };
        DatabaseHost = _database.TryGetValue("Host", out var host) ? $"{host}" : "127.0.0.1";
        DatabasePort = _database.TryGetValue("Port", out var port) ? Convert.ToInt32(port, CultureInfo.InvariantCulture) : 5432;
        Folder = Directory.CreateTempSubdirectory("actorperf-nodes-").FullName;
        foreach (var assembly in options.Tasks.Append(typeof(WitnessTask).Assembly))
        {
            Directory.CreateDirectory(TaskFolder);
            File.Copy(assembly.Location, Path.Combine(TaskFolder, Path.GetFileName(assembly.Location)), overwrite: true);
        }
    }

    public ProcessOptions Options { get; }

    /// <summary>Where the nodes live; gone with the cluster.</summary>
    public string Folder { get; }

    /// <summary>Where the runs of tasks were noted: <see cref="Witness.Read"/>.</summary>
    public string WitnessFolder => Path.Combine(Folder, "witness");

    /// <summary>In order of their names' coming.</summary>
    public IReadOnlyList<ProcessNode> Nodes => [.. _nodes.Values];

    /// <exception cref="KeyNotFoundException">There is no such node.</exception>
    public ProcessNode this[string name] => _nodes[name];

    internal string TaskFolder => Path.Combine(Folder, "tasks");

    internal string DatabaseHost { get; }

    internal int DatabasePort { get; }

    /// <summary>Starts its nodes: the first alone, so that it is the oldest and leads, then the others.</summary>
    /// <exception cref="MultiNodeException">One does not start.</exception>
    public static async Task<ProcessCluster> StartAsync(ProcessOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        var cluster = new ProcessCluster(options);
        try
        {
            foreach (var name in options.Names.Take(1)) await cluster.Add(name).StartAsync(ct);
            await Task.WhenAll(options.Names.Skip(1).Select(name => cluster.Add(name).StartAsync(ct)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more, yet to be started.</summary>
    public ProcessNode Add(string name)
    {
        var node = new ProcessNode(name, this);
        _nodes.Add(name, node);
        return node;
    }

    /// <summary>Has the program check every invariant of the database, on no node's word.</summary>
    /// <exception cref="MultiNodeException">One does not hold.</exception>
    public async Task VerifyAsync(CancellationToken ct)
    {
        var start = new ProcessStartInfo(Options.Program, ["verify", "--offline", "--storage:provider", "postgresql", "--storage:connection-string", Options.ConnectionString])
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        await using var program = new RunningProgram(Process.Start(start) ?? throw new MultiNodeException($"{start.FileName} did not start."));
        var code = await program.ExitAsync().WaitAsync(ct);
        if (code != 0) throw new MultiNodeException($"The database does not hold together: verify ended with {code}.\n{program.Out}\n{program.Error}\n{Logs()}");
    }

    /// <summary>What all nodes said in all their lives, node by node.</summary>
    public string Logs() => string.Join('\n', _nodes.Values.Select(node => $"--- {node.Name}\n{node.Log}"));

    /// <summary>Writes each node's log and what the witnesses noted into a folder that stays: what a failure is explained with.</summary>
    /// <returns>The folder.</returns>
    public string KeepLogs()
    {
        var kept = Directory.CreateTempSubdirectory("actorperf-failed-").FullName;
        foreach (var node in _nodes.Values) File.WriteAllText(Path.Combine(kept, $"{node.Name}.log"), node.Log);
        File.WriteAllLines(Path.Combine(kept, "witness.txt"), Witness.Read(WitnessFolder).Select(run => run.ToString()));
        return kept;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The database behind a node's proxy.</summary>
    internal string ConnectionStringAt(int port) =>
        new DbConnectionStringBuilder { ConnectionString = _database.ConnectionString, ["Host"] = "127.0.0.1", ["Port"] = port }.ConnectionString;
}
