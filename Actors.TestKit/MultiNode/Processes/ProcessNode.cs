using System.Diagnostics;
using System.Globalization;
using ActorPerf.Cluster;
using ActorPerf.Setup;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A node in a process of its own: its HTTP API, its line to the database, its signals, and its end. It may have several lives, one after the other.</summary>
public sealed class ProcessNode : IAsyncDisposable
{
    private readonly ProcessCluster _cluster;
    private readonly List<string> _former = [];
    private RunningProgram? _program;

    internal ProcessNode(string name, ProcessCluster cluster)
    {
        (Name, _cluster) = (name, cluster);
        Url = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}"));
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url, Timeout = RunningProgram.Patience };
        Database = TcpProxy.Start(cluster.DatabaseHost, cluster.DatabasePort);
        ClockOffset = cluster.Options.ClockOffset(name);
    }

    public string Name { get; }

    /// <summary>The same in every life.</summary>
    public Uri Url { get; }

    /// <summary>A client of its API.</summary>
    public HttpClient Http { get; }

    /// <summary>Its line to the database, the same in every life.</summary>
    public TcpProxy Database { get; }

    /// <summary>How wrong its clock is in its next life.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Where its next life ends as by <c>kill -9</c>: a place of <see cref="CrashPoints"/>, with <c>:3</c> behind it for the third time. Forgotten when it has started.</summary>
    public string? CrashAt { get; set; }

    /// <summary>Its process of the moment.</summary>
    /// <exception cref="InvalidOperationException">It was not started.</exception>
    public RunningProgram Program => _program ?? throw new InvalidOperationException($"Node {Name} was not started.");

    /// <summary>What it has said in all its lives.</summary>
    public string Log => string.Join('\n', [.. _former, _program?.Error ?? ""]);

    /// <summary>A life; the one before must have ended. Returns when the process stands: <see cref="ReadyAsync"/> waits until it takes work.</summary>
    public async Task LaunchAsync()
    {
        if (_program is { } before)
        {
            _former.Add(before.Error);
            await before.DisposeAsync();
        }
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "akka.hocon"), _cluster.Options.Hocon);
        var start = new ProcessStartInfo(_cluster.Options.Program, Arguments())
        {
            WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What the machine is configured with is not for these nodes.
        foreach (var variable in start.Environment.Keys.Where(variable => variable.StartsWith("ACTORPERF", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(variable);
        start.Environment["DOTNET_TieredPGO"] = "0";          // lives of seconds: measuring code for later costs more than it brings
        start.Environment[Witness.Variable] = _cluster.WitnessFolder;
        if (ClockOffset != TimeSpan.Zero) start.Environment[WrongClock.Variable] = ClockOffset.ToString("c", CultureInfo.InvariantCulture);
        if (CrashAt is not null) start.Environment[CrashPoints.Variable] = CrashAt;
        foreach (var (variable, value) in _cluster.Options.Environment(Name)) start.Environment[variable] = value;
        CrashAt = null;
        _program = new RunningProgram(Process.Start(start) ?? throw new MultiNodeException($"{start.FileName} did not start."));
    }

    /// <summary>A life, waited for until it takes work.</summary>
    /// <exception cref="MultiNodeException">It ended, or is not ready within <see cref="RunningProgram.Patience"/>.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        await LaunchAsync();
        await ReadyAsync(ct);
    }

    /// <summary>Waits until it says that it takes work, as after a start or a fence.</summary>
    /// <exception cref="MultiNodeException">It ended, or is not ready within <see cref="RunningProgram.Patience"/>.</exception>
    public async Task ReadyAsync(CancellationToken ct)
    {
        var patience = Stopwatch.StartNew();
        while (true)
        {
            if (Program.HasExited) throw new MultiNodeException($"Node {Name} ended with {await Program.ExitAsync()} and was not ready before: {Program.Error}");
            if (await IsReadyAsync(ct)) return;
            if (patience.Elapsed > RunningProgram.Patience) throw new MultiNodeException($"Node {Name} never became ready: {Program.Error}");
            await Task.Delay(50, ct);
        }
    }

    /// <summary>What it answers right now; false also where nothing answers within a second.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken ct)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bound.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var response = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), bound.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Ends it as a power cut would: <c>kill -9</c>.</summary>
    public Task<int> KillAsync() => Program.KillAsync();

    /// <summary>Tells it to stop in order; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Program.SignalAsync("TERM");
        return await Program.ExitAsync();
    }

    /// <summary>Stops it in the middle of whatever it does: SIGSTOP.</summary>
    public Task FreezeAsync() => Program.SignalAsync("STOP");

    /// <summary>It goes on, and knows nothing of the time between: SIGCONT.</summary>
    public Task ThawAsync() => Program.SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_program is not null) await _program.DisposeAsync();
        await Database.DisposeAsync();
        Http.Dispose();
    }

    private string Folder => Path.Combine(_cluster.Folder, Name);

    private IEnumerable<string> Arguments() =>
    [
        "--storage:provider", "postgresql", "--storage:connection-string", _cluster.ConnectionStringAt(Database.Port),
        "--node:name", Name, "--http:url", Url.GetLeftPart(UriPartial.Authority),
        "--cluster:lease", Milliseconds(_cluster.Options.Lease), "--cluster:poll", Milliseconds(_cluster.Options.Poll),
        "--task-folder:path", _cluster.TaskFolder,
        .. _cluster.Options.Arguments(Name),
    ];

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");
}
