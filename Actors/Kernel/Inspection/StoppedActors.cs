using System.Collections.Concurrent;

namespace ActorPerf.Kernel;

/// <summary>What actors that have stopped had counted, by class, so that totals do not fall with them.</summary>
internal sealed class StoppedActors
{
    private readonly ConcurrentDictionary<Type, Figures> _types = new();

    public void Add(Type type, long processed, int restarts)
    {
        var figures = _types.GetOrAdd(type, static _ => new Figures());
        Interlocked.Add(ref figures.Processed, processed);
        if (restarts > 0) Interlocked.Add(ref figures.Restarts, restarts);
    }

    public Dictionary<string, ActorTypeFigures> Read()
    {
        var read = new Dictionary<string, ActorTypeFigures>(StringComparer.Ordinal);
        foreach (var (type, figures) in _types)
        {
            var before = read.GetValueOrDefault(type.Name);
            read[type.Name] = new ActorTypeFigures(
                type.Name, 0, 0, (before?.Processed ?? 0) + Interlocked.Read(ref figures.Processed), (before?.Restarts ?? 0) + Interlocked.Read(ref figures.Restarts));
        }
        return read;
    }

    private sealed class Figures
    {
        public long Processed;
        public long Restarts;
    }
}
