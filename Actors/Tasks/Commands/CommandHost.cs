using Microsoft.Extensions.Hosting;

namespace ActorPerf.Tasks.Commands;

/// <summary>What the command tasks of one node share: its mark, what bounds them, and their workers, which end with the node.</summary>
public sealed class CommandHost : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private readonly ILogger _log;
    private readonly List<WorkerPool> _pools = [];
    private bool _used;
    private bool _ended;

    /// <param name="settings">What bounds calls.</param>
    public CommandHost(CommandSettings settings, TimeProvider time, ILoggerFactory logs)
    {
        _log = logs.CreateLogger("ActorPerf.Tasks.Commands");
        (MaxResultBytes, Time, Leftovers) = (settings.MaxResultBytes, time, new Leftovers(time, _log));
    }

    internal int MaxResultBytes { get; }

    internal TimeProvider Time { get; }

    internal NodeMark Node { get; } = NodeMark.Self;

    internal Leftovers Leftovers { get; }

    /// <summary>The task of a definition.</summary>
    internal ITaskRunner Runner(CommandDefinition definition)
    {
        _used = true;
        if (definition.Persistent == 0) return new CommandRunner(definition, new OneShotCall(definition, this).RunAsync);
        var pool = new WorkerPool(definition, this, _log);
        _pools.Add(pool);
        return new CommandRunner(definition, pool.RunAsync);
    }

    /// <summary>Ends what a node left behind that was killed, before the first call. A process without command tasks has left nothing.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => _used && OperatingSystem.IsLinux() ? Task.Run(EndOrphans, cancellationToken) : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_ended) return;
        _ended = true;
        await Task.WhenAll(_pools.Select(pool => pool.DisposeAsync().AsTask()));
        Leftovers.Dispose();
    }

    /// <summary>For containers that know no other way: workers that still run lose their input and end by themselves.</summary>
    public void Dispose() => _ = DisposeAsync().AsTask();

    private void EndOrphans()
    {
        if (OperatingSystem.IsWindows()) return;
        var killed = ProcessTree.KillOrphans();
        if (killed.Count > 0) _log.OrphansEnded(killed.Count, string.Join(", ", killed));
    }
}

/// <summary>What bounds the calls of command tasks.</summary>
/// <param name="MaxResultBytes">Bytes that a process may write as its result.</param>
public sealed record CommandSettings(int MaxResultBytes = CommandSettings.DefaultMaxResultBytes)
{
    public const int DefaultMaxResultBytes = 4 * 1024 * 1024;
}
