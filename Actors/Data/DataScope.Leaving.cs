using ActorPerf.Tracing;

namespace ActorPerf.Data;

/// <summary>How a scope ends: what was started is awaited, and what failed unseen is thrown.</summary>
public sealed partial class DataScope
{
    /// <summary>Awaits every write that was started, without leaving: before something is said, such as an answer of success, that rests on them.</summary>
    /// <remarks>Waits as long as leaving would. What it throws, leaving does not throw again.</remarks>
    /// <exception cref="UnawaitedWritesException">Writes failed whose outcome nobody has looked at.</exception>
    /// <exception cref="TimeoutException">Writes are still under way; the message says which, and where they were called.</exception>
    public async ValueTask FlushAsync()
    {
        Task? quiet;
        lock (_gate) quiet = _writes.WhenQuiet();
        if (quiet is not null) await DrainAsync(quiet);
        ThrowUnseenFailures();
    }

    /// <summary>Leaves the scope: reads under way are cancelled, writes are awaited until the deadline, or 30 s unless the configuration says otherwise.</summary>
    /// <exception cref="UnawaitedWritesException">Writes failed whose outcome nobody has looked at.</exception>
    /// <exception cref="TimeoutException">Writes are still under way; the message says which, and where they were called.</exception>
    public ValueTask DisposeAsync()
    {
        // Here and not in the asynchronous part: what that sets does not flow back to the caller.
        if (Ambient.Value == this) Ambient.Value = Before;
        return LeaveAsync();
    }

    /// <summary>Leaves it after its code has failed: that failure comes first, and what leaving throws besides is logged.</summary>
    internal async ValueTask LeaveAfterFailureAsync()
    {
        try
        {
            await DisposeAsync();
        }
        catch (Exception second)
        {
            _parts.Log.WritesFailedBeside(second, Namespace.Name, second is UnawaitedWritesException many ? many.InnerExceptions.Count : 1);
        }
    }

    /// <summary>Waits until the writes called so far have their outcome, whatever it is; their callers, or the end of the scope, hear of it.</summary>
    internal async Task SettleAsync(CancellationToken ct)
    {
        Task? quiet;
        lock (_gate) quiet = _writes.WhenQuiet();
        if (quiet is null) return;
        _parts.Writes.Hurry();
        if (!await BoundedWait.ForAsync(quiet, Left, _parts.Time, ct)) throw Late("Waiting for the writes of the scope");
    }

    private async ValueTask LeaveAsync()
    {
        List<ReadWaiter> reads;
        Task? quiet;
        lock (_gate)
        {
            if (_left) return;
            _left = true;
            reads = _map.Waiters();
            quiet = _writes.WhenQuiet();
        }
        foreach (var read in reads) read.Line.Leave(read, LeftBehind());
        if (quiet is not null) await DrainAsync(quiet);
        if (_alarm is not null) await _alarm.DisposeAsync();
        ThrowUnseenFailures();
    }

    private static OperationCanceledException LeftBehind() => new("The scope was left while this read was under way, and nobody awaited it.");

    private async ValueTask DrainAsync(Task quiet)
    {
        TellWhatIsAwaitedHere();
        var patience = Patience();
        _parts.Writes.Hurry();
        if (await BoundedWait.ForAsync(quiet, patience, _parts.Time, CancellationToken.None)) return;
        ScopeOperation[] pending;
        lock (_gate) pending = _writes.GiveUp();
        if (pending.Length == 0) return;
        _parts.Log.LeftBehind(Namespace.Name, pending.Length, (long)patience.TotalMilliseconds, ScopeFailures.Names(pending));
        throw ScopeFailures.StillUnderWay(pending, patience);
    }

    /// <summary>Writes that nobody awaited and that are still under way hold the answer up: a trace shows it.</summary>
    private void TellWhatIsAwaitedHere()
    {
        ScopeOperation[] writes;
        lock (_gate) writes = _writes.UnderWay();
        foreach (var write in writes)
            if (!write.IsObserved) write.Span?.SetTag(SpanTags.Unawaited, true);
    }

    private TimeSpan Patience() => Deadline is not null && Left < _parts.Options.DrainTimeout ? Left : _parts.Options.DrainTimeout;

    private void ThrowUnseenFailures()
    {
        UnawaitedWritesException? unseen;
        lock (_gate) unseen = _writes.TakeUnseen();
        if (unseen is not null) throw unseen;
    }
}
