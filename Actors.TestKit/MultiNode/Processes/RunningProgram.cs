using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>One process, its words captured; killed at the latest when it is disposed or the test's own process ends.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>Longer than anything takes on a busy machine; what is not over by then hangs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly ConcurrentDictionary<int, Process> Alive = new();

    private readonly Process _process;
    private readonly Captured _out;
    private readonly Captured _error;

    // A run of tests that is broken off must not leave processes behind.
    static RunningProgram() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var process in Alive.Values) process.Kill();
    };

    /// <param name="process">Started, with all three streams redirected; it is this object's from now on.</param>
    public RunningProgram(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        _process = process;
        Id = process.Id;
        Alive[Id] = process;
        process.StandardInput.Close();
        (_out, _error) = (new Captured(process.StandardOutput), new Captured(process.StandardError));
    }

    public int Id { get; }

    /// <summary>Standard output so far.</summary>
    public string Out => _out.Text;

    /// <summary>Standard error so far.</summary>
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
    /// <exception cref="MultiNodeException">It ended without, or did not say it within <see cref="Patience"/>.</exception>
    public Task SaidAsync(string text) => _error.HoldsAsync(text);

    /// <summary>Waits for the end; the exit code, which is 128 and the signal's number where one ended it.</summary>
    /// <exception cref="MultiNodeException">It did not end within <see cref="Patience"/>.</exception>
    public async Task<int> ExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
            await Task.WhenAll(_out.End, _error.End).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new MultiNodeException($"Process {Id} did not end within {Patience.TotalSeconds} s. It said: {Error}");
        }
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return ExitAsync();
    }

    /// <summary>Sends a signal by its name, such as <c>TERM</c>, <c>STOP</c> or <c>CONT</c>.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
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
                // Asked before the text is looked at: what it said last is in the text by then.
                var ended = End.IsCompleted;
                Task more;
                lock (_gate)
                {
                    if (_text.ToString().Contains(text, StringComparison.Ordinal)) return;
                    more = _more.Task;
                }
                if (ended) throw new MultiNodeException($"It ended without saying '{text}': {Text}");
                var left = Patience - patience.Elapsed;
                if (left <= TimeSpan.Zero) throw new MultiNodeException($"It never said '{text}': {Text}");
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
