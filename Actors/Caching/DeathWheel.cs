namespace ActorPerf.Caching;

/// <summary>Entries by the time of their death: a hierarchical timing wheel, so that neither entering, nor leaving, nor dying looks at others.</summary>
/// <remarks>Wheels of 64 buckets; a bucket is a second on the first, 64 times as long on each further one. What a passed bucket held is looked at a
/// few entries at a time: it is dead, or enters a finer bucket. Late by up to a second and a bit, which readers do not see: they look at the entry's
/// own time. The shard's alone.</remarks>
internal sealed class DeathWheel
{
    private const int Wheels = 6, Bits = 6, Buckets = 1 << Bits;

    private readonly EntryNode[] _buckets = [.. Enumerable.Range(0, Wheels * Buckets).Select(static _ => Empty())];
    private readonly EntryNode _passed = Empty();
    private readonly long _tick;
    private long _now;

    /// <param name="now">Timestamp.</param>
    /// <param name="second">Timestamps of a second.</param>
    public DeathWheel(long now, long second) => (_tick, _now) = (second, now / second);

    public void Add(MemoEntry entry)
    {
        // A bucket is passed when it has ended: whoever dies within it is dead then.
        var at = Math.Max(_now + 1, entry.Life.DeadAt / _tick + 1);
        var wheel = 0;
        while (wheel < Wheels - 1 && (at >> (wheel * Bits)) - (_now >> (wheel * Bits)) >= Buckets) wheel++;
        var bucket = Math.Min(at >> (wheel * Bits), (_now >> (wheel * Bits)) + Buckets - 1) & (Buckets - 1);
        Link(_buckets[wheel * Buckets + (int)bucket], entry);
    }

    public static void Remove(MemoEntry entry)
    {
        if (entry.Sooner is null || entry.Later is null) return;
        entry.Sooner.Later = entry.Later;
        entry.Later.Sooner = entry.Sooner;
        (entry.Sooner, entry.Later) = (null, null);
    }

    /// <summary>Moves the time on and looks at what its buckets held.</summary>
    /// <param name="most">At most so many entries.</param>
    /// <param name="dead">Told of each that is dead; it has left the wheel.</param>
    /// <returns>False when there is more to look at.</returns>
    public bool Advance(long now, int most, Action<MemoEntry> dead)
    {
        var to = Math.Max(_now, now / _tick);
        for (var wheel = 0; wheel < Wheels && _now < to; wheel++)
        {
            var (first, last) = ((_now >> (wheel * Bits)) + 1, to >> (wheel * Bits));
            if (first > last) break;
            for (var bucket = first; bucket <= last && bucket < first + Buckets; bucket++) Splice(_buckets[wheel * Buckets + (int)(bucket & (Buckets - 1))], _passed);
        }
        _now = to;
        for (; most > 0 && _passed.Later is MemoEntry entry; most--)
        {
            Remove(entry);
            if (entry.Life.DeadAt <= now) dead(entry);
            else Add(entry);
        }
        return _passed.Later == _passed;
    }

    private static void Link(EntryNode head, EntryNode node)
    {
        (node.Sooner, node.Later) = (head.Sooner, head);
        node.Sooner!.Later = node;
        head.Sooner = node;
    }

    private static void Splice(EntryNode from, EntryNode to)
    {
        if (from.Later == from) return;
        from.Later!.Sooner = to.Sooner;
        to.Sooner!.Later = from.Later;
        from.Sooner!.Later = to;
        to.Sooner = from.Sooner;
        (from.Sooner, from.Later) = (from, from);
    }

    private static EntryNode Empty()
    {
        var head = new EntryNode();
        (head.Sooner, head.Later) = (head, head);
        return head;
    }
}
