using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>What a call gets of what is remembered. Pure: numbers in, a decision out; timestamps and ticks of the <see cref="TimeProvider"/>.</summary>
internal static class EntryRules
{
    private const int MostDoublings = 30;

    /// <summary>What a call is told that meets an entry.</summary>
    /// <param name="retryAt">The last refresh failed and the next one may not begin before this; 0: none failed.</param>
    /// <param name="ticks">Turns durations into ticks.</param>
    public static EntryAnswer Read(in EntryLife life, EntryValidity validity, long retryAt, long now, in CacheDirective call, Func<TimeSpan, long> ticks)
    {
        if (call.NoCache || call.NoStore || validity == EntryValidity.Removed) return EntryAnswer.Compute;
        if (call.MaxAge is { } maxAge && now - life.ComputedAt > ticks(maxAge)) return EntryAnswer.Compute;
        var throttled = now < retryAt;
        var phase = validity == EntryValidity.Expired ? Later(life.At(now)) : life.At(now);
        if (phase <= EntryPhase.Eager && call.MinFresh is { } minFresh && life.FreshUntil - now < ticks(minFresh)) return EntryAnswer.Compute;
        return phase switch
        {
            EntryPhase.Fresh => EntryAnswer.Hit,
            EntryPhase.Eager => throttled || call.OnlyIfCached ? EntryAnswer.Hit : EntryAnswer.HitAndRefresh,
            EntryPhase.Stale => throttled || call.OnlyIfCached ? EntryAnswer.Stale : EntryAnswer.StaleAndRefresh,
            _ when validity == EntryValidity.Current && AcceptsStale(life, now, call, ticks) => throttled || call.OnlyIfCached ? EntryAnswer.Stale : EntryAnswer.StaleAndRefresh,
            _ when !MayFallBack(life, validity, now, call, ticks) => EntryAnswer.Compute,
            _ => throttled ? EntryAnswer.Stale : EntryAnswer.ComputeOrStale,
        };
    }

    /// <summary>Whether an entry may stand in for a computation that failed or is late.</summary>
    public static bool MayFallBack(in EntryLife life, EntryValidity validity, long now, in CacheDirective call, Func<TimeSpan, long> ticks)
    {
        if (call.NoCache || call.NoStore || validity == EntryValidity.Removed) return false;
        if (call.MaxAge is { } maxAge && now - life.ComputedAt > ticks(maxAge)) return false;
        // A caller may allow less than the task, or more for as long as the entry is there.
        return call.StaleIfError is { } allowed
            ? now < life.FreshUntil + ticks(allowed) && now < life.DeadAt
            : now < life.ErrorUntil && life.ErrorUntil > life.FreshUntil;
    }

    /// <summary>The phases of an entry computed at <paramref name="computed"/>.</summary>
    /// <param name="fresh">How long it is fresh before jitter: the duration, or the life of a result <c>null</c>.</param>
    /// <param name="jitter">0 to 1, drawn at random: how much of the jitter is taken off.</param>
    /// <param name="eagerJitter">The same for the start of refreshes, so that nodes do not refresh in step.</param>
    public static EntryLife Life(Memoization memoize, TimeSpan fresh, long computed, double jitterShare, double jitter, double eagerJitter, Func<TimeSpan, long> ticks)
    {
        var length = ticks(fresh);
        length -= (long)(length * jitterShare * jitter);
        // Half of the room behind the threshold at most, and never a refresh before it is due by half.
        var eager = memoize.EagerShare is { } share ? computed + (long)(length * (share - Math.Min(share, 1 - share) / 2 * eagerJitter)) : long.MaxValue;
        var until = computed + length;
        return new EntryLife(computed, Math.Min(eager, until), until, until + ticks(memoize.StaleWhileRevalidate), until + ticks(memoize.StaleIfError));
    }

    /// <summary>How long after the <paramref name="failures"/>th failure in a row the next try waits.</summary>
    /// <param name="stale">There is a stale result to answer meanwhile. Without one the first failure is free.</param>
    public static TimeSpan Backoff(Memoization memoize, int failures, bool stale)
    {
        var doublings = failures - (stale ? 1 : 2);
        if (doublings < 0 || memoize.ErrorBackoff <= TimeSpan.Zero) return TimeSpan.Zero;
        var wait = memoize.ErrorBackoff.Ticks * Math.Pow(2, Math.Min(doublings, MostDoublings));
        return wait >= memoize.ErrorThrottle.Ticks ? memoize.ErrorThrottle : TimeSpan.FromTicks((long)wait);
    }

    private static bool AcceptsStale(in EntryLife life, long now, in CacheDirective call, Func<TimeSpan, long> ticks) =>
        call.MaxStale is { } most && now < life.DeadAt && now - life.FreshUntil <= ticks(most);

    /// <summary>What was expired is not answered in the place of a new result, only where there is none.</summary>
    private static EntryPhase Later(EntryPhase phase) => phase < EntryPhase.Kept ? EntryPhase.Kept : phase;
}

/// <summary>What a call gets.</summary>
internal enum EntryAnswer
{
    /// <summary>The entry.</summary>
    Hit,

    /// <summary>The entry; one refresh begins unless one is under way.</summary>
    HitAndRefresh,

    /// <summary>The entry, as stale.</summary>
    Stale,

    /// <summary>The entry, as stale; one refresh begins unless one is under way.</summary>
    StaleAndRefresh,

    /// <summary>What is computed; the entry, as stale, where that fails or is late.</summary>
    ComputeOrStale,

    /// <summary>What is computed.</summary>
    Compute,
}
