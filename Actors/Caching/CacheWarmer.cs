using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>A call that is computed when the node starts, and again as often as it says.</summary>
/// <param name="Args">UTF-8 JSON.</param>
/// <param name="Every">Time from the end of one to the next; null: only at the start, and at the times of <see cref="NextAfter"/>.</param>
public sealed record WarmCall(Namespace Namespace, string Task, ReadOnlyMemory<byte> Args, TimeSpan? Every)
{
    /// <summary>The first time of its timetable behind a moment; null: it has none. Where a computation takes longer than to the next time, that one is left out.</summary>
    public Func<DateTimeOffset, DateTimeOffset?>? NextAfter { get; init; }
}

/// <summary>Computes a list of calls in the background, one at a time and only while nobody else waits for their pool: at the node's start, and then as often
/// as each says.</summary>
internal sealed class CacheWarmer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>A timetable is looked at so often, for the time of day may be set meanwhile.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromHours(1);

    private readonly ICompute _compute;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Queue<(WarmCall Call, bool Anew)> _line = [];
    private readonly int _calls;
    private readonly long _startedAt;
    private int _first;
    private int _done;
    private bool _busy;

    public CacheWarmer(ICompute compute, IReadOnlyList<WarmCall> calls, TimeProvider time, ILogger log)
    {
        (_compute, _time, _log, _calls, _startedAt) = (compute, time, log, calls.Count, time.GetTimestamp());
        Receive<Due>(due => Enqueue(due.Call, anew: true));
        Receive<Awaited>(awaited => Await(awaited.Call, awaited.At));
        Receive<Warmed>(Ended);
        foreach (var call in calls) _line.Enqueue((call, false));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        foreach (var (call, _) in _line)
            if (call.NextAfter?.Invoke(_time.GetUtcNow()) is { } first) Await(call, first);
        Next();
    }

    /// <summary>Enqueues a call at a time of its timetable, and waits for the next one.</summary>
    private void Await(WarmCall call, DateTimeOffset at)
    {
        var now = _time.GetUtcNow();
        if (now >= at)
        {
            if (call.NextAfter?.Invoke(now) is { } next) Await(call, next);
            Enqueue(call, anew: true);
            return;
        }
        var wait = at - now < Look ? at - now : Look;
        Timers.StartSingleTimer(call, new Awaited(call, at), wait);
    }

    private void Enqueue(WarmCall call, bool anew)
    {
        if (!_line.Contains((call, anew))) _line.Enqueue((call, anew)); // each waits once, however long those before it take
        Next();
    }

    private void Next()
    {
        if (_busy || !_line.TryDequeue(out var next)) return;
        _busy = true;
        _ = WarmAsync(next.Call, next.Anew).PipeTo(Self, Self);
    }

    private async Task<Warmed> WarmAsync(WarmCall call, bool anew)
    {
        // A node that stops answers as draining.
        var directive = new CacheDirective(NoCache: anew) { Quiet = true };
        return new Warmed(call, anew, await _compute.ComputeAsync(new ComputeRequest(call.Namespace, call.Task, call.Args, directive, Patience), CancellationToken.None));
    }

    private void Ended(Warmed warmed)
    {
        _busy = false;
        var problem = warmed.Outcome switch
        {
            ComputeOutcome.Failed failed => $"{failed.Error.Type}: {failed.Error.Message}",
            ComputeOutcome.Refused refused => refused.Refusal.Detail,
            _ => null,
        };
        if (problem is not null) _log.NotWarmed(warmed.Call.Namespace.Name, warmed.Call.Task, problem);
        if (!warmed.Anew)
        {
            _done += problem is null ? 1 : 0;
            var took = (long)_time.GetElapsedTime(_startedAt).TotalMilliseconds;
            if (++_first == _calls) _log.Warmed(_done, _calls, took);
        }
        if (warmed.Call.Every is { } every) Timers.StartSingleTimer(warmed.Call, new Due(warmed.Call), every);
        Next();
    }

    private sealed record Due(WarmCall Call);

    private sealed record Awaited(WarmCall Call, DateTimeOffset At);

    private sealed record Warmed(WarmCall Call, bool Anew, ComputeOutcome Outcome);
}
