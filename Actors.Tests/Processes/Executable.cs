using System.Collections.Concurrent;
using System.Diagnostics;
using ActorPerf.Cluster;

namespace ActorPerf.Tests.Processes;

/// <summary>The built program, as a user starts it.</summary>
internal static class Executable
{
    /// <summary>Longer than anything here takes on a busy machine; what is not over by then hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "actorperf.exe" : "actorperf");

    /// <summary>Starts it in a folder; whoever starts it disposes it.</summary>
    public static RunningProgram Start(string folder, params IEnumerable<string> arguments) => Start(Path, folder, arguments);

    /// <summary>Starts it deaf to a signal that would end it, such as <c>XFSZ</c>.</summary>
    public static RunningProgram StartIgnoring(string signal, string folder, params IEnumerable<string> arguments) =>
        Start("/bin/sh", folder, ["-c", $"trap '' {signal}; exec \"$0\" \"$@\"", Path, .. arguments]);

    /// <summary>Starts it so that it dies at a named place (docs/invariants.md).</summary>
    public static RunningProgram StartToCrash(string point, string folder, params IEnumerable<string> arguments) => Start(Path, folder, arguments, point);

    private static RunningProgram Start(string program, string folder, IEnumerable<string> arguments, string? crashAt = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // What the machine is configured with is not for these nodes.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ACTORPERF", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        if (crashAt is not null) start.Environment[CrashPoints.Variable] = crashAt;
        start.Environment["DOTNET_TieredPGO"] = "0";          // lives of seconds: measuring code for later costs more than it brings
        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
    }

    /// <summary>Runs it to its end as somebody whom permissions stop: root gives up that privilege before.</summary>
    public static async Task<Ended> RunObeyingPermissionsAsync(string folder, params IEnumerable<string> arguments)
    {
        var isRoot = Environment.UserName == "root";
        Assert.SkipWhen(isRoot && !File.Exists(Setpriv), "install setpriv, or run as another user than root: apt-get install -y util-linux");
        await using var program = isRoot
            ? Start(Setpriv, folder, ["--bounding-set=-dac_override,-dac_read_search", Path, .. arguments])
            : Start(folder, arguments);
        return new Ended(await program.ExitAsync(), program.Out, program.Error);
    }

    private const string Setpriv = "/usr/bin/setpriv";

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ended> RunAsync(string folder, params IEnumerable<string> arguments)
    {
        await using var program = Start(folder, arguments);
        return new Ended(await program.ExitAsync(), program.Out, program.Error);
    }

    /// <summary>What a run left behind.</summary>
    public sealed record Ended(int Code, string Out, string Error);
}

/// <summary>One process, its words captured; killed at the latest when it is disposed or the tests end.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, Process> Alive = new();

    private readonly Process _process;
    private readonly Captured _out;
    private readonly Captured _error;

    // A run of tests that is broken off must not leave processes behind.
    static RunningProgram() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var process in Alive.Values) process.Kill();
    };

    public RunningProgram(Process process)
    {
        _process = process;
        Id = process.Id;
        Alive[Id] = process;
        process.StandardInput.Close();
        (_out, _error) = (new Captured(process.StandardOutput), new Captured(process.StandardError));
    }

    public int Id { get; }

    public string Out => _out.Text;

    public string Error => _error.Text;

    public bool HasExited => _process.HasExited;

    /// <summary>Threads right now.</summary>
    public int Threads
    {
        get
        {
            _process.Refresh();
            return _process.Threads.Count;
        }
    }

    /// <summary>Waits until standard error holds a text.</summary>
    public Task SaidAsync(string text) => _error.HoldsAsync(text);

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> ExitAsync()
    {
        using var bound = new CancellationTokenSource(Executable.Patience);
        try
        {
            await _process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Process {Id} did not end within {Executable.Patience.TotalSeconds} s. It said: {Error}");
        }
        await Task.WhenAll(_out.End, _error.End).WaitAsync(Executable.Patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return ExitAsync();
    }

    /// <summary>Sends a signal by its name, such as <c>TERM</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Executable.Patience);
        Alive.TryRemove(Id, out _);
        _process.Dispose();
    }

    /// <summary>A stream's text as it comes.</summary>
    private sealed class Captured
    {
        private readonly Lock _gate = new();
        private readonly System.Text.StringBuilder _text = new();
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Captured(StreamReader reader) => End = Task.Run(() => ReadAsync(reader));

        public Task End { get; }

        public string Text
        {
            get
            {
                lock (_gate) return _text.ToString();
            }
        }

        public async Task HoldsAsync(string text)
        {
            var patience = Stopwatch.StartNew();
            while (true)
            {
                Task more;
                lock (_gate)
                {
                    if (_text.ToString().Contains(text, StringComparison.Ordinal)) return;
                    more = _more.Task;
                }
                Assert.False(End.IsCompleted, $"It ended without saying '{text}': {Text}");
                var left = Executable.Patience - patience.Elapsed;
                Assert.True(left > TimeSpan.Zero, $"It never said '{text}': {Text}");
                await Task.WhenAny(more, End, Task.Delay(left));
            }
        }

        private async Task ReadAsync(StreamReader reader)
        {
            var part = new char[4096];
            while (await reader.ReadAsync(part) is > 0 and var count)
            {
                lock (_gate)
                {
                    _text.Append(part, 0, count);
                    _more.TrySetResult();
                    _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }
}
