using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>The keys of the computations that wait for each other, from the innermost outward: a task that asks for a key of its own chain
/// would wait for itself.</summary>
internal sealed record FlightChain(CacheKey Key, FlightChain? Outer)
{
    private static readonly AsyncLocal<FlightChain?> Running = new();

    /// <summary>Of the code that runs now; null outside of tasks.</summary>
    public static FlightChain? Current
    {
        get => Running.Value;
        set => Running.Value = value; // set inside an async method, so that it ends with it
    }

    /// <summary>The error for a task that asks for <paramref name="key"/>; null when nothing waits for itself.</summary>
    public static TaskError? Cycle(FlightChain? chain, CacheKey key)
    {
        var path = Name(key);
        for (var link = chain; link is not null; link = link.Outer)
        {
            path = $"{Name(link.Key)} → {path}";
            if (link.Key.Equals(key))
                return new TaskError("cycle", $"A computation asks for itself and would wait for ever: {path}. Compute one of them without asking for the other.", Retryable: false);
        }
        return null;
    }

    private static string Name(CacheKey key)
    {
        var args = Encoding.UTF8.GetString(key.Args.Span[..Math.Min(key.Args.Length, 80)]);
        return $"{key.Task} {args}{(key.Args.Length > 80 ? "…" : "")}";
    }
}
