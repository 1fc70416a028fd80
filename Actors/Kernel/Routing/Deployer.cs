namespace ActorPerf.Kernel;

/// <summary>Applies <c>akka.actor.deployment</c>: entries by path below <c>/user</c>, such as <c>/compute/default</c>, with a star for any one name.</summary>
internal sealed class Deployer
{
    private const string Section = "akka.actor.deployment.";
    private readonly Dictionary<string, Dictionary<string, string?>> _entries = [];

    public Deployer(Config config)
    {
        foreach (var (path, value) in config.AsPairs())
        {
            if (!path.StartsWith(Section, StringComparison.Ordinal)) continue;
            var rest = path[Section.Length..].Replace("\"", "", StringComparison.Ordinal);
            var dot = rest.LastIndexOf('.');
            if (dot <= 0) continue;
            if (!_entries.TryGetValue(rest[..dot], out var entry)) _entries[rest[..dot]] = entry = [];
            entry[rest[(dot + 1)..]] = value;
        }
    }

    public static ConfigurationException Missing(ActorPath path) => new(
        $"Configuration missing for router [{path}]: no deployment found. Add {path.ToStringWithoutAddress()["/user".Length..]} {{ router = round-robin-pool, nr-of-instances = 4 }} to akka.actor.deployment.");

    /// <summary>The props as deployed; what the entry says is stronger than what the code says.</summary>
    /// <exception cref="ConfigurationException">The router comes from configuration and there is no entry, or the entry is wrong.</exception>
    public Props Apply(Props props, ActorPath path)
    {
        var fromConfig = props.RouterConfig is FromConfig;
        if (_entries.Count == 0 && !fromConfig) return props;
        var entry = Find(path);
        if (entry is null) return fromConfig ? throw Missing(path) : props;
        if (entry.GetValueOrDefault("dispatcher") is { Length: > 0 } dispatcher) props = props.WithDispatcher(dispatcher);
        if (entry.GetValueOrDefault("mailbox") is { Length: > 0 } mailbox) props = props.WithMailbox(mailbox);
        if (props.RouterConfig is not Pool) return props;
        if (entry.GetValueOrDefault("router") is { Length: > 0 } router) return props.WithRouter(PoolFrom(router, entry, (Pool)props.RouterConfig, path));
        return fromConfig ? throw Missing(path) : props;
    }

    private static Pool PoolFrom(string router, Dictionary<string, string?> entry, Pool code, ActorPath path)
    {
        var size = Number(entry, "nr-of-instances", 1, path);
        var hashing = code as ConsistentHashingPool;
        return router switch
        {
            "round-robin-pool" => new RoundRobinPool(size, code.SupervisorStrategy, code.RouterDispatcher),
            "smallest-mailbox-pool" => new SmallestMailboxPool(size, code.SupervisorStrategy, code.RouterDispatcher),
            "consistent-hashing-pool" => new ConsistentHashingPool(
                size, code.SupervisorStrategy, code.RouterDispatcher, Number(entry, "virtual-nodes-factor", hashing?.VirtualNodesFactor ?? 0, path), hashing?.Mapping),
            _ => throw new ConfigurationException(
                $"Router '{router}' of {path} is not known. Use round-robin-pool, smallest-mailbox-pool or consistent-hashing-pool."),
        };
    }

    private static int Number(Dictionary<string, string?> entry, string key, int fallback, ActorPath path)
    {
        if (entry.GetValueOrDefault(key) is not { } text) return fallback;
        return int.TryParse(text, out var number) && number > 0
            ? number
            : throw new ConfigurationException($"{key} of {path} is '{text}'; it must be a whole number of at least 1.");
    }

    private Dictionary<string, string?>? Find(ActorPath path)
    {
        var names = path.Elements;
        if (_entries.Count == 0 || names.Count < 2 || names[0] != "user") return null;
        if (_entries.TryGetValue("/" + string.Join('/', names.Skip(1)), out var exact)) return exact;
        return _entries.FirstOrDefault(entry => Matches(entry.Key.Split('/', StringSplitOptions.RemoveEmptyEntries), names)).Value;
    }

    private static bool Matches(string[] pattern, IReadOnlyList<string> names)
    {
        if (pattern.Length != names.Count - 1) return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != "*" && pattern[i] != names[i + 1]) return false;
        }
        return true;
    }
}
