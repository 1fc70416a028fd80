namespace ActorPerf.Caching;

/// <summary>A number that only rises: advancing it invalidates whatever was loaded under an earlier one. Integers, because clocks cannot order.</summary>
internal sealed class VersionCell
{
    private long _value;

    public long Read() => Volatile.Read(ref _value);

    public void Advance() => Interlocked.Increment(ref _value);
}

/// <summary>The versions a load began under: of its namespace, its task and the task's tags. Captured before the load starts.</summary>
internal readonly struct VersionStamp
{
    private readonly VersionCell[] _cells;
    private readonly long[] _values;

    private VersionStamp(VersionCell[] cells, long[] values) => (_cells, _values) = (cells, values);

    public static VersionStamp Capture(VersionCell[] cells) => new(cells, Array.ConvertAll(cells, static cell => cell.Read()));

    /// <summary>Nothing was invalidated since.</summary>
    public bool IsCurrent
    {
        get
        {
            for (var i = 0; i < _cells.Length; i++)
                if (_cells[i].Read() != _values[i]) return false;
            return true;
        }
    }
}
