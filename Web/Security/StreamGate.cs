using ActorPerf.Tasks;

namespace ActorPerf.Web.Security;

/// <summary>Counts the event streams open for each namespace, so that one cannot take the connections of all.</summary>
internal sealed class StreamGate(HttpOptions options)
{
    private readonly NamespaceGate _open = new(options.Limits.Streams);

    public bool TryEnter(Namespace ns) => _open.TryEnter(ns);

    public void Leave(Namespace ns) => _open.Leave(ns);

    public Refusal Full(Namespace ns) => new("rate-limited",
        $"{options.Limits.Streams} event streams are open in namespace '{ns}' already. Close one, or raise actorperf.http.limits.streams.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };
}
