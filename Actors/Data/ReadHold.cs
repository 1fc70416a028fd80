namespace ActorPerf.Data;

/// <summary>Holds back the reads that this thread issues, and lines them up together at the end, so that no batch goes with half of them.</summary>
/// <remarks>For code that issues many reads without a wait between, such as the callbacks of <c>MapAsync</c>: each runs up to its first wait. Others' reads are not held.
/// A full batch goes before the end.</remarks>
internal sealed class ReadHold : IDisposable
{
    private const int Full = 512;

    [ThreadStatic]
    private static ReadHold? _current;

    private readonly List<(ReadLine Line, SharedRead Read)> _held = [];

    private ReadHold()
    {
    }

    /// <summary>The hold of this thread; null outside one.</summary>
    public static ReadHold? Current => _current;

    /// <summary>Begins a hold; inside another one it is part of that. Disposed on the same thread.</summary>
    public static ReadHold? Begin() => _current is null ? _current = new ReadHold() : null;

    /// <summary>Outside of the line's lock: a full hold lines up in other lines too, and whoever has the lock of one line must not wait for that of another.</summary>
    public void Add(ReadLine line, SharedRead read)
    {
        _held.Add((line, read));
        if (_held.Count == Full) Release();
    }

    public void Dispose()
    {
        _current = null;
        Release();
    }

    private void Release()
    {
        foreach (var line in _held.GroupBy(held => held.Line)) line.Key.Enter([.. line.Select(held => held.Read)]);
        _held.Clear();
    }
}
