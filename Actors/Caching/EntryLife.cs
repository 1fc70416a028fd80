namespace ActorPerf.Caching;

/// <summary>When the phases of an entry end, as timestamps of the <see cref="TimeProvider"/>: a clock that is set back must not lengthen a life.</summary>
/// <param name="ComputedAt">The computation ended.</param>
/// <param name="EagerAt">From here a call starts a refresh; the same as <paramref name="FreshUntil"/> for none.</param>
/// <param name="FreshUntil">From here it is stale.</param>
/// <param name="RevalidateUntil">Answered stale before this while one refresh runs.</param>
/// <param name="ErrorUntil">Answered stale before this where the computation fails or is late.</param>
internal readonly record struct EntryLife(long ComputedAt, long EagerAt, long FreshUntil, long RevalidateUntil, long ErrorUntil)
{
    /// <summary>Nobody is answered from here on.</summary>
    public long DeadAt => Math.Max(FreshUntil, Math.Max(RevalidateUntil, ErrorUntil));

    public EntryPhase At(long now) =>
        now < EagerAt ? EntryPhase.Fresh
        : now < FreshUntil ? EntryPhase.Eager
        : now < RevalidateUntil ? EntryPhase.Stale
        : now < ErrorUntil ? EntryPhase.Kept
        : EntryPhase.Dead;
}

/// <summary>Where in its life an entry is.</summary>
internal enum EntryPhase
{
    /// <summary>Answers.</summary>
    Fresh,

    /// <summary>Answers, and a call starts a refresh.</summary>
    Eager,

    /// <summary>Answers stale, and a call starts a refresh.</summary>
    Stale,

    /// <summary>Answers stale only where the computation fails or is late.</summary>
    Kept,

    Dead,
}

/// <summary>What invalidations left of an entry.</summary>
internal enum EntryValidity
{
    Current,

    /// <summary>Not fresh any more; kept for errors.</summary>
    Expired,

    /// <summary>Nobody may see it.</summary>
    Removed,
}
