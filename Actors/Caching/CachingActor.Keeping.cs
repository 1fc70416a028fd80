using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <content>What is kept of a landed flight, and what is forgotten.</content>
internal sealed partial class CachingActor
{
    private const int ReclaimedAtOnce = 1_024;
    private static readonly TimeSpan LongestStored = TimeSpan.FromHours(12);
    private int _reclaimAt;
    private int _reclaimLeft;
    private bool _reclaimAgain;

    /// <summary>Remembers a value, or holds it until its job has committed.</summary>
    private ComputedResult Keep(Flight flight, ReadOnlyMemory<byte> json, TimeSpan took)
    {
        var result = new ComputedResult(json, _time.GetUtcNow(), took, ExpiresAt: null);
        if (flight is not { Key: { } key, Book: { } book, IsCurrent: true } || PolicyOf(flight, json) is not { } memoize) return result;
        if (!_memo.Fits(MemoEntry.Cost(key, result, book, memoize.Tags)))
        {
            book.CountTooLarge();
            _log.TooLarge(key.Namespace.Name, key.Task, json.Length);
            return result;
        }
        if (flight.Starter is JobWaiter job)
        {
            // A starter that has left will not commit this value.
            if (!flight.Waiters.Contains(job)) return result;
            if (Entry(flight, key, book, result, memoize, TimeSpan.Zero) is { } held) flight.Remember = ToStore(held, flight, memoize);
            Hold(new LandedValue(flight, key, book, result, memoize, job.Job.Attempt.Ticket, _time.GetTimestamp()));
            return result;
        }
        if (Entry(flight, key, book, result, memoize, TimeSpan.Zero) is not { } entry) return result;
        _memo.Store(entry);
        if (ToStore(entry, flight, memoize) is { } stored && _second is not null) _ = WriteAsync(_second, stored).PipeTo(Self, Self);
        return entry.Result;
    }

    /// <summary>How the result is remembered: as the task is configured, the call asks and the task said from inside; null: not at all.</summary>
    private Memoization? PolicyOf(Flight flight, ReadOnlyMemory<byte> json)
    {
        var inside = flight.Context.Cache.Choice;
        if (flight.Task.Memoize is not { } task || flight.Choice?.DoNotStore == true || inside?.DoNotStore == true) return null;
        if (flight.Task.ResultMedia is { } media && !media.TryDecode(json.Span, out _)) return null;     // each job that it answered would fail
        var memoize = task.With(flight.Choice).With(inside);
        // What is absent now may be there soon, unless the task says for how long it is.
        if (json.Span.SequenceEqual("null"u8) && inside?.Duration is null) memoize = memoize with { Duration = memoize.NegativeLife };
        if (memoize.Duration <= TimeSpan.Zero) return null;
        if (memoize.Tags is not { Count: > Memoization.MaxTags }) return memoize;
        // Somebody relies on the tags of task and result to forget it by; those of a call are beside them.
        var own = task.With(inside);
        if (own.Tags is { Count: > Memoization.MaxTags } many)
        {
            _log.TooManyTags(flight.Context.Namespace.Name, flight.Task.Name, many.Count, Memoization.MaxTags);
            return null;
        }
        return memoize with { Tags = [.. (own.With(flight.Choice).Tags ?? []).Take(Memoization.MaxTags)] };
    }

    /// <summary>Null where an invalidation of one of its tags since the start of the flight lets it count no more.</summary>
    private MemoEntry? Entry(Flight flight, CacheKey key, TaskBook book, ComputedResult result, Memoization memoize, TimeSpan age)
    {
        var (stamp, tags) = (flight.Stamp, memoize.Tags);
        if (tags is not null && (tags.Count != book.Tags.Count || !tags.SequenceEqual(book.Tags)) && _books.Find(key.Namespace) is { } names)
            stamp = stamp.With(names.Tags(tags.Except(book.Tags, StringComparer.Ordinal)));
        return stamp.IsCurrent ? _table.Make(key, result, age, memoize.Duration, memoize, stamp, book, tags) : null;
    }

    private void Hold(LandedValue value)
    {
        _landed[value.Ticket] = value;
        _landedByKey[value.Key] = value;
        Context.System.Scheduler.ScheduleTellOnce(_options.SettleWithin, Self, new FlightCommand.Unsettled(value), Self);
    }

    private void Settle(CacheCommand.Settled settled)
    {
        if (!_landed.Remove(settled.Ticket, out var value)) return;
        if (_landedByKey.GetValueOrDefault(value.Key) == value) _landedByKey.Remove(value.Key);
        if (!settled.Committed || !value.Flight.IsCurrent) return;
        var age = _time.GetElapsedTime(value.LandedAt);
        if (age >= value.Memoize.Duration || HasYounger(value.Key, value.LandedAt)) return;
        if (Entry(value.Flight, value.Key, value.Book, value.Result, value.Memoize, age) is { } entry) _memo.Store(entry);
    }

    /// <summary>Memory holds what is no older and counts: a caller asked for it meanwhile, so it stays.</summary>
    private bool HasYounger(CacheKey key, long computedAt) => _memo.Get(key) is { IsCurrent: true } held && held.Life.ComputedAt >= computedAt;

    private void Drop(LandedValue value)
    {
        if (_landed.GetValueOrDefault(value.Ticket) != value) return;
        _log.NotSettled(value.Key.Namespace.Name, value.Key.Task);
        Settle(new CacheCommand.Settled(value.Key, value.Ticket, Committed: false));
    }

    // The second level

    /// <summary>Begins the computation, or looks into the second level first.</summary>
    private void RecallOrBegin(Flight flight, bool anew)
    {
        if (anew || _second is null || flight is not { Key: { } key } || flight.Task.Memoize?.Store == false)
        {
            Begin(flight);
            return;
        }
        _ = RecallAsync(_second, flight, key).PipeTo(Self, Self);
    }

    private static void Begin(Flight flight)
    {
        var begin = flight.Begin;
        flight.Begin = null;
        begin?.Invoke();
    }

    /// <summary>A second level that cannot be read, for whatever reason, has nothing: the flight must begin.</summary>
    private async Task<FlightCommand.Recalled> RecallAsync(SecondLevel second, Flight flight, CacheKey key)
    {
        try
        {
            return new FlightCommand.Recalled(flight, await second.Store.ReadAsync(key, _time.GetUtcNow(), flight.Cancellation.Token), null);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return new FlightCommand.Recalled(flight, null, fault);
        }
    }

    private void Recalled(FlightCommand.Recalled recalled)
    {
        var (flight, found) = (recalled.Flight, recalled.Entry);
        if (!_airborne.Contains(flight)) return;
        if (recalled.Fault is { } fault and not OperationCanceledException) _log.NotRecalled(flight.Context.Namespace.Name, flight.Task.Name, fault);
        if (found is not null && flight is { Key: { } key, Book: { } book, IsCurrent: true } && flight.Task.Memoize is { } memoize
            && Take(found, flight, key, book, memoize) is { } entry && !HasYounger(key, entry.Life.ComputedAt))
        {
            _memo.Store(entry);
            if (entry.Life.At(_table.Now) < EntryPhase.Stale && flight.Waiters.All(waiter => Accepts(waiter, entry)))
            {
                book.CountRecalled();
                GiveBack(flight);
                AnswerFrom(flight, entry);
                Remove(flight);
                return;
            }
        }
        if (!flight.Cancelled)
        {
            Begin(flight);
            return;
        }
        // All have left while it looked; those who came since get a flight of their own.
        GiveBack(flight);
        Remove(flight);
    }

    /// <summary>Whether it is an answer to what waits, as it would be from memory. Where one that waits wants a younger one, all get that.</summary>
    private bool Accepts(Waiter waiter, MemoEntry entry) => _table.Read(entry, waiter is Caller caller ? caller.Directive : default) is EntryAnswer.Hit or EntryAnswer.HitAndRefresh;

    /// <summary>Nothing is computed: the permit of the job that was to begin is free again.</summary>
    private static void GiveBack(Flight flight)
    {
        if (flight.Begin is null) return;
        flight.Begin = null;
        if (flight.Starter is JobWaiter { TookPermit: true } waiter) waiter.Job.Gate.Tell(new GateCommand.Return(1), waiter.Holder);
    }

    private void AnswerFrom(Flight flight, MemoEntry entry)
    {
        foreach (var waiter in flight.Waiters)
        {
            _waiting--;
            waiter.Flight = null;
            if (waiter is JobWaiter job) job.Tell(new AttemptOutcome.Succeeded(entry.Result.Json), TimeSpan.Zero, CacheSource.Hit, Self);
            else if (waiter is Caller caller) caller.Tell(entry.Hit);
        }
        flight.Waiters.Clear();
    }

    /// <summary>The stored result as an entry with what is left of its life. The clock that it was written by may differ from this one: it never lives
    /// longer than it was given.</summary>
    private MemoEntry? Take(RecalledEntry found, Flight flight, CacheKey key, TaskBook book, Memoization memoize)
    {
        var (stored, now) = (found.Entry, _time.GetUtcNow());
        var age = now > stored.ComputedAt ? now - stored.ComputedAt : TimeSpan.Zero;
        var tags = stored.Tags.Count == 0 ? null : stored.Tags;
        // What was expired stands in for errors alone, as long as before, and not at all where its task keeps nothing for them: as in memory.
        if (found.Expired && stored.ErrorUntil <= stored.FreshUntil) return null;
        var life = memoize with
        {
            Duration = found.Expired ? TimeSpan.Zero : stored.FreshUntil - stored.ComputedAt,
            StaleWhileRevalidate = found.Expired ? TimeSpan.Zero : stored.RevalidateUntil - stored.FreshUntil,
            StaleIfError = stored.ErrorUntil - (found.Expired ? stored.ComputedAt : stored.FreshUntil),
            Jitter = 0,
            Tags = tags,
        };
        var result = new ComputedResult(stored.Json, stored.ComputedAt, stored.Took, null);
        return _memo.Fits(MemoEntry.Cost(key, result, book, tags)) ? Entry(flight, key, book, result, life, age) : null;
    }

    /// <summary>What goes to the second level; null where it is off, or the result cost too little.</summary>
    private StoredEntry? ToStore(MemoEntry entry, Flight flight, Memoization memoize)
    {
        // The database keeps versions of invalidations for a day: what takes longer could outlive one that concerns it.
        if (_second is null || entry.Result.Duration > LongestStored || memoize.Store == false || (memoize.Store is null && entry.Result.Duration < _second.Threshold)) return null;
        var result = entry.Result;
        var fresh = result.ExpiresAt ?? result.ComputedAt;
        return new StoredEntry(
            entry.Key, result.Json, result.ComputedAt, result.Duration, fresh, After(memoize.StaleWhileRevalidate), After(memoize.StaleIfError), entry.Tags ?? [], flight.AsOf);

        // A task may say any window from inside.
        DateTimeOffset After(TimeSpan window) => window < DateTimeOffset.MaxValue - fresh ? fresh + window : DateTimeOffset.MaxValue;
    }

    private static async Task<object> WriteAsync(SecondLevel second, StoredEntry entry)
    {
        try
        {
            await second.Store.WriteAsync(entry, CancellationToken.None);
            return Status.Success.Instance;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return new FlightCommand.NotStored(entry.Key, fault);
        }
    }

    // Forgetting

    private void Forget(FlightCommand.Forget forget)
    {
        var entry = _memo.Get(forget.Key);
        var concerned = entry is not null && entry.Validity != EntryValidity.Removed && _table.Now < entry.Life.DeadAt;
        if (entry is not null && forget.Expire && concerned && _table.Expired(entry) is { } expired) _memo.Store(expired);
        else if (entry is not null) _memo.Remove(forget.Key);
        if (_flights.TryGetValue(forget.Key, out var flight)) flight.Obsolete = true;
        if (_landedByKey.TryGetValue(forget.Key, out var landed)) landed.Flight.Obsolete = true;
        _failures.Succeeded(forget.Key);
        forget.Done.TrySetResult(concerned ? 1 : 0);
    }

    /// <summary>Entries that are void already leave the table a part at a time between other messages, once around; asked for again meanwhile it goes
    /// around once more, a second later.</summary>
    private void Reclaim()
    {
        if (_reclaimLeft > 0)
        {
            _reclaimAgain = true;
            return;
        }
        _reclaimLeft = _memo.Slots;
        Self.Tell(FlightCommand.ReclaimOn.Instance, Self);
    }

    private void ReclaimOn()
    {
        if (_reclaimLeft <= 0) return;
        var part = Math.Min(ReclaimedAtOnce, _reclaimLeft);
        _reclaimAt = _memo.Reclaim(_reclaimAt, part);
        _reclaimLeft -= part;
        if (_reclaimLeft > 0)
        {
            Self.Tell(FlightCommand.ReclaimOn.Instance, Self);
        }
        else if (_reclaimAgain)
        {
            _reclaimAgain = false;
            Context.System.Scheduler.ScheduleTellOnce(SweepInterval, Self, FlightCommand.Reclaim.Instance, Self);
        }
    }

    private void Sweep()
    {
        var now = _table.Now;
        _failures.Sweep(now);
        _health.Failing = _failures.Failing(now);
        if (!_memo.Sweep(now, SweepAtOnce).Done) Self.Tell(FlightCommand.Sweep.Instance, Self);
    }
}
