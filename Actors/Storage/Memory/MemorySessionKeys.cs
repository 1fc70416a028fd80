
namespace ActorPerf.Storage.Memory;

/// <summary>Keys of the process' nodes; sessions end with it.</summary>
internal sealed class MemorySessionKeys : ISessionKeys
{
    private readonly Lock _gate = new();
    private readonly List<string> _keys = [];

    public IReadOnlyList<string> Read()
    {
        lock (_gate) return [.. _keys];
    }

    public bool TryAdd(string key, int? known)
    {
        lock (_gate)
        {
            if (known is { } count && count != _keys.Count) return false;
            _keys.Add(key);
            return true;
        }
    }
}
