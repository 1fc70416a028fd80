namespace ActorPerf.Caching;

/// <summary>Which entry goes when the table is full: W-TinyLFU (Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", 2018).</summary>
/// <remarks>
/// A new entry passes through a small window in order of use. At the window's end it stays only if it was asked for more often of late than the
/// entry that would go for it; so a scan, or a loop longer than the table, does not wash out what is asked for again and again. The rest is a
/// segmented list: on probation until asked for again, then protected, up to four fifths. The window grows and shrinks by whether that helped.
/// Both bounds count: entries and bytes. Every step looks at a fixed number of entries. The shard's alone.
/// </remarks>
/// <param name="random">Lets one loser in 128 in that is asked for often, so that nobody can flood the sketch to keep others out.</param>
internal sealed class EvictionPolicy(int maxEntries, long maxBytes, Random random)
{
    private const double FirstWindow = 0.01, LeastWindow = 0.005, MostWindow = 0.8, ProtectedShare = 0.8;
    private const double FirstStep = 0.0625, StepDecay = 0.98, Restart = 0.05;
    private const int AsksOfASample = 10, Warm = 6, LuckyOneIn = 128;

    private readonly EntryList _window = new(EntrySegment.Window);
    private readonly EntryList _probation = new(EntrySegment.Probation);
    private readonly EntryList _protected = new(EntrySegment.Protected);
    private readonly FrequencySketch _sketch = new(Math.Min(maxEntries, maxBytes / MemoEntry.Overhead));
    private double _windowShare = FirstWindow;
    private double _step = FirstStep;
    private double _lastRatio;
    private long _hits;
    private long _asks;

    public int Count => _window.Count + _probation.Count + _protected.Count;

    public long Bytes => _window.Bytes + _probation.Bytes + _protected.Bytes;

    public bool IsOver => Count > maxEntries || Bytes > maxBytes;

    /// <summary>Share of the bounds that new entries pass through.</summary>
    public double WindowShare => _windowShare;

    /// <summary>An entry answered a call. One that is gone meanwhile counts for its key.</summary>
    public void Touched(MemoEntry entry)
    {
        _sketch.Count(entry.Hash);
        _hits++;
        Asked();
        switch (entry.Segment)
        {
            case EntrySegment.Window:
                _window.Remove(entry);
                _window.Add(entry);
                break;
            case EntrySegment.Probation:
                _probation.Remove(entry);
                _protected.Add(entry);
                if (IsAbove(_protected, (1 - _windowShare) * ProtectedShare)) Move(_protected, _probation);
                break;
            case EntrySegment.Protected:
                _protected.Remove(entry);
                _protected.Add(entry);
                break;
        }
    }

    public void Added(MemoEntry entry)
    {
        _sketch.Count(entry.Hash);
        Asked();
        _window.Add(entry);
        while (_window.Count > 1 && IsAbove(_window, _windowShare)) Move(_window, _probation);
    }

    /// <summary>An entry took the place of another with the same key.</summary>
    public void Replaced(MemoEntry old, MemoEntry entry)
    {
        _sketch.Count(entry.Hash);
        Asked();
        var list = ListOf(old.Segment);
        list.Remove(old);
        list.Add(entry);
        while (_window.Count > 1 && IsAbove(_window, _windowShare)) Move(_window, _probation);
    }

    public void Removed(MemoEntry entry) => ListOf(entry.Segment).Remove(entry);

    /// <summary>The entry that goes next.</summary>
    public MemoEntry Victim()
    {
        var victim = _probation.Oldest ?? _protected.Oldest ?? _window.Oldest ?? throw new InvalidOperationException("An empty shard has nothing to evict.");
        // Who came last out of the window asks for the victim's place.
        return _probation.Newest is { } candidate && candidate != victim && !Admits(candidate, victim) ? candidate : victim;
    }

    private bool Admits(MemoEntry candidate, MemoEntry victim)
    {
        var (wants, has) = (_sketch.Of(candidate.Hash), _sketch.Of(victim.Hash));
        return wants > has || (wants >= Warm && random.Next(LuckyOneIn) == 0);
    }

    private static void Move(EntryList from, EntryList to)
    {
        if (from.Oldest is not { } oldest) return;
        from.Remove(oldest);
        to.Add(oldest);
    }

    private bool IsAbove(EntryList list, double share) => list.Count > Math.Max(1, share * maxEntries) || list.Bytes > share * maxBytes;

    private EntryList ListOf(EntrySegment segment) => segment switch
    {
        EntrySegment.Window => _window,
        EntrySegment.Probation => _probation,
        EntrySegment.Protected => _protected,
        _ => throw new InvalidOperationException("The entry is in no list."),
    };

    /// <summary>Hill climbing: the window goes on in the direction that gave more hits, in ever smaller steps; a changed load starts it anew.</summary>
    private void Asked()
    {
        if (++_asks < AsksOfASample * Math.Max(64L, Count)) return;
        var ratio = (double)_hits / _asks;
        var change = ratio - _lastRatio;
        if (change < 0) _step = -_step;
        _windowShare = Math.Clamp(_windowShare + _step, LeastWindow, MostWindow);
        _step = Math.Abs(change) >= Restart ? Math.CopySign(FirstStep, _step) : _step * StepDecay;
        (_lastRatio, _hits, _asks) = (ratio, 0, 0);
    }
}
