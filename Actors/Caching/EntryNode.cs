namespace ActorPerf.Caching;

/// <summary>A place in its shard's lists: the order of use, and the wheel of deaths. The shard's alone; a bare one heads a list.</summary>
internal class EntryNode
{
    public EntryNode? Newer { get; set; }

    public EntryNode? Older { get; set; }

    public EntryNode? Sooner { get; set; }

    public EntryNode? Later { get; set; }
}
