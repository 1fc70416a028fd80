namespace ActorPerf.Caching;

/// <summary>What a hit needs of an entry, within the key object that the entry was stored with: whoever keeps a key has its answer without a lookup, and without waiting for the entry's memory
/// behind that of the key.</summary>
/// <remarks>Written by shards when an entry comes or goes, read by anyone without a lock. An entry is linked once and what is copied of it never changes, so a reader that finds the same entry
/// before and after has read what belongs together. With several tables in a process it is of the one that stored last; the others look for theirs.</remarks>
internal struct KeptHit
{
    private MemoEntry? _place;
    private MemoShard? _home;
    private VersionCell[]? _cells;
    private ComputeOutcome.Found? _hit;
    private TaskBook? _book;
    private long _eagerAt;
    private long _asOf;
    private long _uses;
    private int _writing;

    /// <summary>The entry, whatever its age; null for none.</summary>
    public readonly MemoEntry? Place => Volatile.Read(in _place);

    /// <summary>The answer, counted, where the entry is the table's, surely fresh, and nothing happened to it. Null says nothing.</summary>
    public ComputeOutcome.Found? Answer(MemoTable table, CoarseClock clock)
    {
        if (Volatile.Read(ref _place) is not { } place) return null;
        var (home, cells, hit, book) = (Volatile.Read(ref _home), Volatile.Read(ref _cells), Volatile.Read(ref _hit), Volatile.Read(ref _book));
        var (eagerAt, asOf) = (Volatile.Read(ref _eagerAt), Volatile.Read(ref _asOf));
        if (Volatile.Read(ref _place) != place || home!.Table != table || !clock.IsSurelyBefore(eagerAt) || !new VersionStamp(cells!, asOf).IsCurrent) return null;
        var thread = Environment.CurrentManagedThreadId;
        _uses++;                // as with an entry's own count
        home.Sample(place, thread);
        book!.CountHit(thread);
        return hit;
    }

    /// <summary>How often it answered for the entry.</summary>
    public readonly long UsesOf(MemoEntry entry) => Place == entry ? Volatile.Read(in _uses) : 0;

    /// <summary>The entry is held from now on.</summary>
    public void Lead(MemoEntry entry, MemoShard home)
    {
        Enter();
        Volatile.Write(ref _place, null);       // before any of the rest, which is why each write is a volatile one
        Volatile.Write(ref _home, home);
        Volatile.Write(ref _cells, entry.Stamp.Cells);
        Volatile.Write(ref _hit, entry.Hit);
        Volatile.Write(ref _book, entry.Book);
        Volatile.Write(ref _eagerAt, entry.EagerAt);
        Volatile.Write(ref _asOf, entry.Stamp.AsOf);
        Volatile.Write(ref _uses, 0);
        Volatile.Write(ref _place, entry);
        Leave();
    }

    /// <summary>The entry is held no more; whatever else is held stays.</summary>
    public void Forget(MemoEntry entry)
    {
        if (Place != entry) return;
        Enter();
        if (Place == entry)
        {
            Volatile.Write(ref _place, null);
            Volatile.Write(ref _hit, null);     // nothing large is kept alive by a key
        }
        Leave();
    }

    /// <summary>Two tables at most meet here, for as long as nine writes take.</summary>
    private void Enter()
    {
        var spin = default(SpinWait);
        while (Interlocked.Exchange(ref _writing, 1) != 0) spin.SpinOnce();
    }

    private void Leave() => Volatile.Write(ref _writing, 0);
}
