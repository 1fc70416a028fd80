namespace ActorPerf.Tracing;

/// <summary>One number for each of the last <see cref="TimeSlots.Count"/> slots; zero where nothing was written. For one thread at a time.</summary>
public sealed class SlotRing
{
    private readonly float[] _points = new float[TimeSlots.Count];
    private long _newest = long.MinValue;

    /// <summary>The newest slot that was written; <see cref="long.MinValue"/> before the first.</summary>
    public long Newest => _newest;

    public void Add(long slot, double amount)
    {
        if (Reach(slot)) _points[slot % TimeSlots.Count] += (float)amount;
    }

    public void Set(long slot, double value)
    {
        if (Reach(slot)) _points[slot % TimeSlots.Count] = (float)value;
    }

    /// <summary>The points up to a slot, oldest first; always <see cref="TimeSlots.Count"/> of them.</summary>
    public double[] Read(long until)
    {
        var points = new double[TimeSlots.Count];
        if (_newest == long.MinValue) return points;
        var first = until - TimeSlots.Count + 1;
        for (var slot = Math.Max(first, _newest - TimeSlots.Count + 1); slot <= Math.Min(until, _newest); slot++)
            points[slot - first] = _points[slot % TimeSlots.Count];
        return points;
    }

    /// <summary>Makes a slot the newest unless a newer one is; false where it has left the ring already.</summary>
    private bool Reach(long slot)
    {
        if (slot <= _newest) return slot > _newest - TimeSlots.Count;
        if (_newest == long.MinValue || slot - _newest >= TimeSlots.Count) Array.Clear(_points);
        else for (var skipped = _newest + 1; skipped <= slot; skipped++) _points[skipped % TimeSlots.Count] = 0;
        _newest = slot;
        return true;
    }
}
