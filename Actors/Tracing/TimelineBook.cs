namespace ActorPerf.Tracing;

/// <summary>Timelines by scope and name, written once per slot and read when somebody asks. Pure and bounded; owned by one actor.</summary>
public sealed class TimelineBook
{
    /// <summary>Timelines kept; what would come beyond is not kept.</summary>
    public const int MaxLines = 4_000;

    private readonly Dictionary<(string Scope, string Name), Line> _lines = [];

    public int Lines => _lines.Count;

    /// <summary>Notes a running total: the point is by how much it grew since the last note.</summary>
    public void Total(string scope, string name, long total, long slot)
    {
        if (Find(scope, name, slot) is not { } line) return;
        // A total that fell was begun anew; what it holds now came since.
        var grown = total >= line.Total ? total - line.Total : total;
        line.Total = total;
        if (grown > 0) line.Ring.Add(slot, grown);
    }

    /// <summary>Notes a value as it is now; zero is what is not noted.</summary>
    public void Value(string scope, string name, double value, long slot)
    {
        if (value != 0 && Find(scope, name, slot) is { } line) line.Ring.Set(slot, value);
    }

    /// <summary>Forgets what was not noted for as long as the book reaches back; once a slot.</summary>
    public void Prune(long slot)
    {
        List<(string, string)>? old = null;
        foreach (var (key, line) in _lines)
            if (line.NotedAt <= slot - TimeSlots.Count) (old ??= []).Add(key);
        foreach (var key in old ?? []) _lines.Remove(key);
    }

    /// <summary>Those of a scope that hold anything.</summary>
    public Timelines Read(string scope, DateTimeOffset now)
    {
        var slot = TimeSlots.Of(now);
        var found = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal);
        foreach (var (key, line) in _lines)
            if (key.Scope == scope && line.HasRing && line.Ring.Newest > slot - TimeSlots.Count) found.Add(key.Name, line.Ring.Read(slot));
        return new Timelines(now, found);
    }

    private Line? Find(string scope, string name, long slot)
    {
        if (!_lines.TryGetValue((scope, name), out var line))
        {
            if (_lines.Count >= MaxLines) return null;
            _lines.Add((scope, name), line = new Line());
        }
        line.NotedAt = slot;
        return line;
    }

    private sealed class Line
    {
        private SlotRing? _ring;

        public long Total { get; set; }
        public long NotedAt { get; set; }

        /// <summary>Anything was ever written: a total that never moves costs no ring.</summary>
        public bool HasRing => _ring is not null;

        public SlotRing Ring => _ring ??= new SlotRing();
    }
}
