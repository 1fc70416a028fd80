using System.Runtime.CompilerServices;

namespace ActorPerf.Caching;

/// <summary>What a hit needs of an entry, within the key object that the entry was stored with: whoever keeps a key has its answer without a lookup, and without waiting for the entry's memory
/// behind that of the key.</summary>
/// <remarks>Written by shards when an entry comes or goes, read by anyone without a lock. An entry is linked once and what is copied of it never changes, so a reader that finds the same entry
/// before and after has read what belongs together. With several tables in a process it is of the one that stored last; the others look for theirs.</remarks>
internal struct KeptHit
{
    // Few and close together: what is asked for seldom is one or two lines of memory to wait for.
    private MemoEntry? _place;
    private ComputeOutcome.Found? _hit;
    private HitPlace? _common;
    private long _freshUntil;
    private long _asOf;
    private long _uses;
    private int _writing;

    /// <summary>The entry, whatever its age; null for none.</summary>
    public readonly MemoEntry? Place => Volatile.Read(in _place);

    /// <summary>The answer, counted, where the entry is the table's, surely fresh, and nothing happened to it. Null says nothing.</summary>
    public ComputeOutcome.Found? Answer(MemoTable table)
    {
        if (Volatile.Read(ref _place) is not { } place) return null;
        var (hit, common) = (Volatile.Read(ref _hit), Volatile.Read(ref _common));
        var (freshUntil, asOf) = (Volatile.Read(ref _freshUntil), Volatile.Read(ref _asOf));
        if (Volatile.Read(ref _place) != place || common!.Table != table || !CoarseClock.IsSurelyBefore(freshUntil) || !common.IsCurrent(asOf)) return null;
        _uses++;                // as with an entry's own count
        common.Count(place);
        return hit;
    }

    /// <summary>How often it answered for the entry.</summary>
    public readonly long UsesOf(MemoEntry entry) => Place == entry ? Volatile.Read(in _uses) : 0;

    /// <summary>The entry is held from now on.</summary>
    public void Lead(MemoEntry entry, MemoShard home)
    {
        Enter();
        Volatile.Write(ref _place, null);       // before any of the rest, which is why each write is a volatile one
        Volatile.Write(ref _common, entry.Book.PlaceIn(home, entry.Stamp.Cells));
        Volatile.Write(ref _hit, entry.Hit);
        Volatile.Write(ref _freshUntil, home.Table?.Coarsely(entry) ?? long.MinValue);
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

    /// <summary>Two tables at most meet here, for as long as seven writes take.</summary>
    private void Enter()
    {
        var spin = default(SpinWait);
        while (Interlocked.Exchange(ref _writing, 1) != 0) spin.SpinOnce();
    }

    private void Leave() => Volatile.Write(ref _writing, 0);
}

/// <summary>What hits on many entries have in common: those of one task, or cache of one's own code, in one shard.</summary>
internal sealed class HitPlace(MemoShard shard, TaskBook book, VersionCell[] versions)
{
    private readonly InvalidationClock _clock = book.Clock;

    public MemoTable? Table { get; } = shard.Table;

    public MemoShard Shard => shard;

    /// <summary>Nothing was invalidated since, which mostly is seen from one number.</summary>
    public bool IsCurrent(long asOf) => _clock.Now <= asOf || AreCurrent(asOf);

    public void Count(MemoEntry entry)
    {
        var thread = Environment.CurrentManagedThreadId;
        shard.Sample(entry, thread);
        book.CountHit(thread);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]      // what it keeps at hand would be kept by every hit
    private bool AreCurrent(long asOf) => new VersionStamp(versions, asOf).IsCurrent;
}
