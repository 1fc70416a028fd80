using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>A call that is computed when the node starts, and again as often as it says.</summary>
/// <param name="Args">UTF-8 JSON.</param>
/// <param name="Every">Time between refreshes; null: only at the start.</param>
public sealed record WarmCall(Namespace Namespace, string Task, ReadOnlyMemory<byte> Args, TimeSpan? Every);

/// <summary>Computes a list of calls in the background, one at a time and only while nobody else waits for their pool: at the node's start, and then as often
/// as each says.</summary>
internal sealed class CacheWarmer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

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
        Receive<Warmed>(Ended);
        foreach (var call in calls) _line.Enqueue((call, false));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Next();

    private void Enqueue(WarmCall call, bool anew)
    {
        if (_line.Count <= _calls) _line.Enqueue((call, anew)); // each waits once; the bound is for timers that ring while one call takes long
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

    private sealed record Warmed(WarmCall Call, bool Anew, ComputeOutcome Outcome);
}
