using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>One attempt's context: keeps the newest progress and the first log lines, and tells an observer.</summary>
/// <remarks>Thread-safe; costs one object until the task reports something. Owned by whoever started the attempt, who calls
/// <see cref="Complete"/> when it has ended; reports after that are dropped.</remarks>
public sealed class AttemptContext(
    Guid? jobId, int attempt, Namespace ns, string task, TimeProvider time, IAttemptObserver? observer = null, string? traceParent = null, Inheritance? inherited = null,
    IReadOnlyList<string>? secrets = null, DateTimeOffset? deadline = null)
    : TaskContext
{
    public const int MaxCheckpoint = 64 * 1024;
    public const int MaxProgressData = 16 * 1024;

    public const int MaxLines = 1_000;
    public const int MaxLineLength = 2_000;
    public const int MaxMessageLength = 1_000;

    /// <summary>The observer hears of progress at most this often.</summary>
    public static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private List<LogLine>? _lines;
    private int _dropped;
    private ProgressReport? _progress;
    private ReadOnlyMemory<byte>? _saved;
    private ITimer? _timer;          // armed while a report waits for the interval to pass
    private bool _pending;
    private bool _told;
    private long _toldAt;
    private bool _completed;

    public override Guid? JobId { get; } = jobId;
    public override int Attempt { get; } = attempt;
    public override Namespace Namespace { get; } = ns;
    public override string Task { get; } = task;
    public override DateTimeOffset? Deadline => deadline;
    public override string? TraceParent => traceParent;
    public override ReadOnlyMemory<byte>? Checkpoint => inherited?.Checkpoint;
    public override IReadOnlyList<ChildOutcome> Children => inherited?.Children ?? [];

    /// <summary>The newest checkpoint that this run saved; null before the first.</summary>
    public ReadOnlyMemory<byte>? Saved
    {
        get
        {
            lock (_gate) return _saved;
        }
    }

    /// <summary>The newest progress; null before the first.</summary>
    public ProgressReport? Latest => Volatile.Read(ref _progress);

    /// <summary>A copy of the lines kept so far, in order.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate) return _lines is null ? [] : [.. _lines];
        }
    }

    /// <summary>How many lines are kept so far.</summary>
    public int LineCount
    {
        get
        {
            lock (_gate) return _lines?.Count ?? 0;
        }
    }

    /// <summary>A copy of the kept lines behind the first so many.</summary>
    public IReadOnlyList<LogLine> LinesBehind(int count)
    {
        lock (_gate) return _lines is null || count >= _lines.Count ? [] : _lines.GetRange(count, _lines.Count - count);
    }

    /// <summary>Lines that were not kept because there were 1,000 already.</summary>
    public int DroppedLines => Volatile.Read(ref _dropped);

    public override void Progress(double percent, string? message = null, ReadOnlyMemory<byte> data = default)
    {
        var report = new ProgressReport(double.IsNaN(percent) ? 0 : Math.Clamp(percent, 0, 100), Cut(Shown(message), MaxMessageLength), time.GetUtcNow())
        {
            // A copy, for the task may use its buffer again.
            Data = data.Length <= MaxProgressData && Shown(data) is var shown && IsJson(shown.Span) ? shown : default,
        };
        lock (_gate)
        {
            if (_completed) return;
            Volatile.Write(ref _progress, report);
            if (observer is null || _pending) return; // the timer takes the newest
            if (_told && time.GetElapsedTime(_toldAt) is var since && since < ProgressInterval)
            {
                Arm(ProgressInterval - since);
                return;
            }
            Told();
        }
        observer.Progressed(this, report);
    }

    public override void SaveCheckpoint(ReadOnlyMemory<byte> json)
    {
        if (CheckpointFault(json) is { } fault) throw new ArgumentException(fault, nameof(json));
        json = json.ToArray();
        lock (_gate)
        {
            if (_completed) return;
            _saved = json;
        }
        observer?.Saved(this, json);
    }

    /// <summary>Why this cannot be a checkpoint; null when it can.</summary>
    public static string? CheckpointFault(ReadOnlyMemory<byte> json) =>
        json.Length > MaxCheckpoint ? $"The checkpoint has {json.Length} bytes; at most {MaxCheckpoint} are kept."
        : json.IsEmpty || !IsJson(json.Span) ? "The checkpoint is not JSON."
        : null;

    public override void Log(string line, LogLevel level = LogLevel.Information)
    {
        var kept = new LogLine(time.GetUtcNow(), level, Cut(Shown(line), MaxLineLength) ?? "");
        lock (_gate)
        {
            if (_completed) return;
            if (_lines?.Count >= MaxLines)
            {
                _dropped++;
                return;
            }
            (_lines ??= []).Add(kept);
        }
        observer?.Logged(this, kept);
    }

    /// <summary>The attempt has ended: tells the observer the last progress that it has not heard, then nothing more. Repeats are harmless.</summary>
    public void Complete()
    {
        ProgressReport? last;
        lock (_gate)
        {
            if (_completed) return;
            _completed = true;
            last = _pending ? _progress : null;
            _timer?.Dispose();
        }
        if (last is not null) observer?.Progressed(this, last);
    }

    private void Arm(TimeSpan wait)
    {
        _pending = true;
        if (_timer is null) _timer = time.CreateTimer(static state => (state as AttemptContext)?.Tick(), this, wait, Timeout.InfiniteTimeSpan);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private void Tick()
    {
        ProgressReport? newest;
        lock (_gate)
        {
            if (_completed || !_pending) return;
            _pending = false;
            newest = _progress;
            Told();
        }
        if (newest is not null) observer?.Progressed(this, newest);
    }

    private void Told() => (_told, _toldAt) = (true, time.GetTimestamp());

    /// <summary>Without secrets.</summary>
    private string? Shown(string? text) => text is null || secrets is not { Count: > 0 } ? text : SecretMask.Scrub(text, secrets);

    /// <summary>A copy without secrets.</summary>
    private ReadOnlyMemory<byte> Shown(ReadOnlyMemory<byte> data) => secrets is not { Count: > 0 } || data.IsEmpty ? data.ToArray() : SecretMask.ScrubJson(data.Span, secrets);

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return true;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read()) reader.TrySkip();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");
}

/// <summary>Hears what a running attempt reports. Called from any thread, also while the task waits for the call: be quick, and hand on.</summary>
public interface IAttemptObserver
{
    /// <summary>The newest progress, at most every 100 ms, and the last one in any case.</summary>
    void Progressed(AttemptContext attempt, ProgressReport progress);

    /// <summary>The run saved a checkpoint.</summary>
    void Saved(AttemptContext attempt, ReadOnlyMemory<byte> checkpoint);

    /// <summary>A line that was kept; not told of lines beyond the bound.</summary>
    void Logged(AttemptContext attempt, LogLine line);
}

/// <summary>How far an attempt says it is.</summary>
/// <param name="Percent">0 to 100.</param>
public sealed record ProgressReport(double Percent, string? Message, DateTimeOffset At)
{
    /// <summary>UTF-8 JSON for programs that watch; empty for none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }
}

/// <summary>What a run takes over from those before it.</summary>
/// <param name="Checkpoint">UTF-8 JSON; null for none.</param>
/// <param name="Children">Those the run before waited for.</param>
public sealed record Inheritance(ReadOnlyMemory<byte>? Checkpoint, IReadOnlyList<ChildOutcome> Children);

/// <summary>One line of an attempt's log.</summary>
public readonly record struct LogLine(DateTimeOffset At, LogLevel Level, string Text);
