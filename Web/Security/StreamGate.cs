using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Security;

/// <summary>Counts the event streams open for each namespace, so that one cannot take the connections of all.</summary>
internal sealed class StreamGate(HttpOptions options)
{
    private readonly ConcurrentDictionary<Namespace, int> _open = new();

    public bool TryEnter(Namespace ns)
    {
        if (_open.AddOrUpdate(ns, 1, static (_, count) => count + 1) <= options.Limits.Streams) return true;
        Leave(ns);
        return false;
    }

    public void Leave(Namespace ns)
    {
        if (_open.AddOrUpdate(ns, 0, static (_, count) => count - 1) == 0) _open.TryRemove(new(ns, 0));
    }

    public Refusal Full(Namespace ns) => new("rate-limited",
        $"{options.Limits.Streams} event streams are open in namespace '{ns}' already. Close one, or raise actorperf.http.limits.streams.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };
}
