namespace ActorPerf.Caching;

/// <summary>Entries in order of use, with their bytes. The shard's alone.</summary>
internal sealed class EntryList(EntrySegment segment)
{
    private readonly EntryNode _head = Empty();

    public int Count { get; private set; }

    public long Bytes { get; private set; }

    public MemoEntry? Oldest => _head.Newer as MemoEntry;

    public MemoEntry? Newest => _head.Older as MemoEntry;

    public void Add(MemoEntry entry)
    {
        entry.Segment = segment;
        (entry.Older, entry.Newer) = (_head.Older, _head);
        entry.Older!.Newer = entry;
        _head.Older = entry;
        Count++;
        Bytes += entry.Bytes;
    }

    public void Remove(MemoEntry entry)
    {
        entry.Older!.Newer = entry.Newer;
        entry.Newer!.Older = entry.Older;
        (entry.Older, entry.Newer, entry.Segment) = (null, null, EntrySegment.None);
        Count--;
        Bytes -= entry.Bytes;
    }

    private static EntryNode Empty()
    {
        var head = new EntryNode();
        (head.Older, head.Newer) = (head, head);
        return head;
    }
}
