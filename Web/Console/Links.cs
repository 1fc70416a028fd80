using System.Text;

namespace ActorPerf.Web.Console;

/// <summary>Writes the console's links: below the prefix it is mounted at, and keeping the namespace that is looked at.</summary>
/// <param name="prefix">Escaped, without a slash at its end; "" at the root.</param>
/// <param name="ns">The namespace where it is not the one that opens by itself; null otherwise.</param>
public sealed class Links(string prefix, string? ns)
{
    public string Prefix => prefix;

    /// <summary>What the console's cookies belong to: itself, and nothing else of its host.</summary>
    public string CookiePath => prefix.Length == 0 ? "/" : prefix;

    /// <summary>What a form that is sent by GET carries along; null where the namespace is the one that opens by itself.</summary>
    public string? Namespace => ns;

    /// <summary>The parameter that carries the namespace.</summary>
    public const string NamespaceKey = "ns";

    /// <param name="path">Below the prefix, without a leading slash, already escaped; "" is the overview.</param>
    /// <param name="query">Pairs; a null or empty value is left out.</param>
    public string To(string path, params IEnumerable<KeyValuePair<string, string?>> query)
    {
        var link = new StringBuilder(prefix).Append('/').Append(path);
        var separator = '?';
        foreach (var (name, value) in query) Add(name, value);
        Add(NamespaceKey, ns);
        return link.ToString();

        void Add(string name, string? value)
        {
            if (string.IsNullOrEmpty(value)) return;
            link.Append(separator).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }
    }

    public string To(string path, string name, string? value) => To(path, new KeyValuePair<string, string?>(name, value));

    public string Job(Jobs.JobId id) => To($"jobs/{id}");

    public string Queue(string name) => To($"queues/{Uri.EscapeDataString(name)}");

    public string Member(string name) => To($"cluster/{Uri.EscapeDataString(name)}");

    /// <param name="id">Of a trace, or a whole <c>traceparent</c>.</param>
    public string Trace(string id) => To($"traces/{Uri.EscapeDataString(id)}");

    public string Asset(string name) => $"{prefix}/console/assets/{ConsoleAssets.NameOf(name)}";

    /// <summary>The place to go back to, when it is one of the console's own; the overview otherwise. Keeps redirects on this host.</summary>
    public string Back(string? target) => target is not null && IsOwn(target) ? target : To("");

    private bool IsOwn(string target) => target.StartsWith(prefix + "/", StringComparison.Ordinal)
        && !target.StartsWith("//", StringComparison.Ordinal)
        && !target.Contains('\\', StringComparison.Ordinal)
        && target.All(static c => c is > ' ' and <= '~');      // as a header holds it
}
