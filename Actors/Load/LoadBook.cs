using System.Collections.Concurrent;
using ActorPerf.Tracing;

namespace ActorPerf.Load;

/// <summary>What users have measured. Written by all of them at once without a lock; read once a second by the run.</summary>
/// <remarks>What counts stands in an era, which a reset replaces; what the history shows stands in a second, which is replaced each time it is read.
/// A measurement that lands in the moment of a replacement may be missing from the new one.</remarks>
internal sealed class LoadBook
{
    /// <summary>Names of requests that have a row; what comes beyond is counted under <see cref="Others"/>.</summary>
    public const int MaxNames = 200;

    /// <summary>Later than this, an iteration is late.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMilliseconds(10);

    private const string Others = "(others)";
    private readonly IReadOnlyList<LoadUser> _users;
    private readonly long _maxRequests;
    private readonly long? _maxIterations;
    private readonly TimeProvider _time;
    private LoadEra _era;
    private LoadSecond _second = new();
    private long _requestsTaken;
    private long _iterationsTaken;
    private int _busy;

    public LoadBook(IReadOnlyList<LoadUser> users, long maxRequests, long? maxIterations, TimeProvider time)
    {
        (_users, _maxRequests, _maxIterations, _time) = (users, maxRequests, maxIterations, time);
        _era = new LoadEra(users);
    }

    public LoadEra Era => Volatile.Read(ref _era);

    /// <summary>Users in the middle of an iteration.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>All requests that may be sent have been.</summary>
    public bool IsSpent => Volatile.Read(ref _requestsTaken) >= _maxRequests || _maxIterations is { } most && Volatile.Read(ref _iterationsTaken) >= most;

    /// <summary>How late timers ring, over the whole run.</summary>
    public LatencyHistogram TimerLateness { get; } = new();

    /// <summary>False when the run has sent all it may.</summary>
    public bool TryTakeRequest() => Interlocked.Increment(ref _requestsTaken) <= _maxRequests;

    /// <summary>False when the run has begun all iterations that it may.</summary>
    public bool TryTakeIteration() => _maxIterations is not { } most || Interlocked.Increment(ref _iterationsTaken) <= most;

    public void Begin(bool late)
    {
        Interlocked.Increment(ref _busy);
        // What begins when all requests have been sent finds nothing to do.
        if (late && !IsSpent) Interlocked.Increment(ref Era.Late);
    }

    /// <param name="kind">Index of the kind of user, or less than 0 for what was no iteration.</param>
    public void End(int kind, int task, TimeSpan took)
    {
        Interlocked.Decrement(ref _busy);
        var era = Era;
        Interlocked.Increment(ref era.Iterations);
        Interlocked.Increment(ref era.Tasks[kind][task]);
        era.IterationTimes.Record(took);
        Stamp(era);
    }

    /// <summary>An iteration was cut off: it is in no figure but this.</summary>
    /// <param name="interrupted">By the end of the run; else because all requests that may be sent have been.</param>
    public void CutOff(bool interrupted)
    {
        Interlocked.Decrement(ref _busy);
        if (interrupted) Interlocked.Increment(ref Era.Interrupted);
    }

    /// <summary>The run ended before a request was answered.</summary>
    /// <param name="waited">Since its planned start.</param>
    public void Unanswered(TimeSpan waited)
    {
        var era = Era;
        Interlocked.Increment(ref era.Unanswered);
        for (var known = Volatile.Read(ref era.LongestUnanswered); waited.Ticks > known;)
        {
            var found = Interlocked.CompareExchange(ref era.LongestUnanswered, waited.Ticks, known);
            if (found == known) return;
            known = found;
        }
    }

    /// <summary>An iteration was to begin and did not; none is, once all requests that may be sent have been.</summary>
    public void Drop()
    {
        if (IsSpent) return;
        Interlocked.Increment(ref Era.Dropped);
        Interlocked.Increment(ref Second.Dropped);
    }

    public void Request(string method, string name, in LoadResponse response, TimeSpan planned)
    {
        var (era, second) = (Era, Second);
        var failed = response.Error is not null;
        era.Request(method, name, Others).Count(response.Elapsed, planned, response.Size, failed);
        second.Requests.Count(response.Elapsed, planned, response.Size, failed);
        Stamp(era);
        if (response.Error is { } error) era.Failure(method, name, error, _time.GetUtcNow());
    }

    public void Job(string task, TimeSpan latency, bool succeeded)
    {
        var era = Era;
        era.Job(task, Others).Count(latency, latency, 0, !succeeded);
        Stamp(era);
        Second.Jobs.Count(latency, latency, 0, !succeeded);
    }

    public void Check(bool held)
    {
        var era = Era;
        Interlocked.Increment(ref era.Checks);
        if (held) Interlocked.Increment(ref era.ChecksHeld);
    }

    public void Threw(string task, Exception fault) => Era.Exception(task, $"{fault.GetType().Name}: {fault.Message}", _time.GetUtcNow());

    /// <summary>Forgets what counted so far.</summary>
    public void Reset() => Volatile.Write(ref _era, new LoadEra(_users));

    /// <summary>What was measured since the last call.</summary>
    public LoadSecond TakeSecond() => Interlocked.Exchange(ref _second, new LoadSecond());

    private LoadSecond Second => Volatile.Read(ref _second);

    private void Stamp(LoadEra era) => Volatile.Write(ref era.LastAt, _time.GetTimestamp());
}

/// <summary>What counts: everything since the run's start, its warm-up's end or the last reset.</summary>
internal sealed class LoadEra(IReadOnlyList<LoadUser> users)
{
    private const int MaxFailures = 200;
    private const int MaxExceptions = 100;
    private const int MaxErrorLength = 500;

    public long Iterations;
    public long Late;
    public long Dropped;
    public long Checks;
    public long ChecksHeld;

    /// <summary>Iterations that the end of the run cut off.</summary>
    public long Interrupted;

    /// <summary>Requests that the end of the run cut off, and how long the longest had waited by then, in ticks.</summary>
    public long Unanswered;
    public long LongestUnanswered;

    /// <summary>When the latest of what counts was measured, a timestamp; 0 where nothing was.</summary>
    public long LastAt;

    /// <summary>Iterations by kind of user and task.</summary>
    public long[][] Tasks { get; } = [.. users.Select(static user => new long[user.Tasks.Count])];

    public LatencyHistogram IterationTimes { get; } = new();

    public ConcurrentDictionary<(string Method, string Name), SeriesMeter> Requests { get; } = new();

    public ConcurrentDictionary<string, SeriesMeter> Jobs { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<(string Method, string Name, string Error), FailureMeter> Failures { get; } = new();

    public ConcurrentDictionary<(string Method, string Name, string Error), FailureMeter> Exceptions { get; } = new();

    public SeriesMeter Request(string method, string name, string others)
    {
        if (Requests.TryGetValue((method, name), out var known)) return known;
        // Threads that meet here may pass the bound by their number, which is one too.
        return Requests.GetOrAdd(Requests.Count < LoadBook.MaxNames ? (method, name) : ("", others), static _ => new SeriesMeter());
    }

    public SeriesMeter Job(string task, string others) =>
        Jobs.TryGetValue(task, out var known) ? known : Jobs.GetOrAdd(Jobs.Count < LoadBook.MaxNames ? task : others, static _ => new SeriesMeter());

    public void Failure(string method, string name, string error, DateTimeOffset now) => Note(Failures, MaxFailures, method, name, error, now);

    public void Exception(string task, string error, DateTimeOffset now) => Note(Exceptions, MaxExceptions, "", task, error, now);

    private static void Note(ConcurrentDictionary<(string, string, string), FailureMeter> into, int most, string method, string name, string error, DateTimeOffset now)
    {
        if (error.Length > MaxErrorLength) error = error[..MaxErrorLength];
        var key = (method, name, error);
        if (!into.TryGetValue(key, out var meter))
        {
            if (into.Count >= most) key = ("", "", "other errors");
            meter = into.GetOrAdd(key, static (_, at) => new FailureMeter(at), now);
        }
        meter.Count(now);
    }
}

/// <summary>What was measured since the history's last point.</summary>
internal sealed class LoadSecond
{
    public long Dropped;

    public SeriesMeter Requests { get; } = new();

    public SeriesMeter Jobs { get; } = new();
}

/// <summary>Counts and latencies of one row.</summary>
internal sealed class SeriesMeter
{
    private long _count;
    private long _failures;
    private long _bytes;

    public LatencyHistogram Service { get; } = new();

    public LatencyHistogram Response { get; } = new();

    public long Counted => Volatile.Read(ref _count);

    public long Failures => Volatile.Read(ref _failures);

    public long Bytes => Volatile.Read(ref _bytes);

    public void Count(TimeSpan service, TimeSpan response, long bytes, bool failed)
    {
        Service.Record(service);
        Response.Record(response);
        Interlocked.Increment(ref _count);
        if (bytes > 0) Interlocked.Add(ref _bytes, bytes);
        if (failed) Interlocked.Increment(ref _failures);
    }

    public void Add(SeriesMeter other)
    {
        Service.Add(other.Service);
        Response.Add(other.Response);
        _count += other.Counted;
        _failures += other.Failures;
        _bytes += other.Bytes;
    }
}

/// <summary>How often something went wrong, and when.</summary>
internal sealed class FailureMeter(DateTimeOffset first)
{
    private long _count;
    private long _last = first.UtcTicks;

    public long Counted => Volatile.Read(ref _count);

    public DateTimeOffset FirstAt { get; } = first;

    public DateTimeOffset LastAt => new(Volatile.Read(ref _last), TimeSpan.Zero);

    public void Count(DateTimeOffset now)
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _last, now.UtcTicks);
    }
}
