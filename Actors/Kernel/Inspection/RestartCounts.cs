using System.Collections.Concurrent;

namespace ActorPerf.Kernel;

/// <summary>How often instances were replaced, by the class of the actor and that of the failure. Bounded by the number of both.</summary>
internal sealed class RestartCounts
{
    private readonly ConcurrentDictionary<(Type Actor, Type Failure), long> _counts = new();

    public void Add(Type actor, Exception failure) => _counts.AddOrUpdate((actor, failure.GetType()), 1, static (_, count) => count + 1);

    public IReadOnlyList<ActorRestarts> Read() =>
    [
        .. _counts.GroupBy(static one => (Actor: one.Key.Actor.Name, Failure: one.Key.Failure.Name)).Select(static same => new ActorRestarts(same.Key.Actor, same.Key.Failure, same.Sum(static one => one.Value)))
            .OrderBy(static one => one.Type, StringComparer.Ordinal).ThenBy(static one => one.Failure, StringComparer.Ordinal),
    ];
}
