using System.Collections.Concurrent;

namespace ActorPerf.Kernel;

/// <summary>The dispatchers and mailboxes that the configuration names.</summary>
internal sealed class Dispatchers
{
    public const string DefaultId = "akka.actor.default-dispatcher";
    public const string PinnedId = "akka.actor.pinned-dispatcher";
    private const int DefaultThroughput = 64;
    private static readonly TimeSpan DefaultTurn = TimeSpan.FromMicroseconds(200);

    private readonly Config _config;
    private readonly ConcurrentDictionary<string, MessageDispatcher> _shared = new();
    private readonly MessageDispatcher? _only;

    /// <param name="config">The system's configuration.</param>
    /// <param name="only">Set by a simulation: runs every actor, whatever dispatcher it names.</param>
    public Dispatchers(Config config, MessageDispatcher? only)
    {
        _config = config;
        _only = only;
        Default = only ?? NewPool(DefaultId);
    }

    public MessageDispatcher Default { get; }

    /// <summary>What an actor with these props runs on.</summary>
    /// <exception cref="ConfigurationException">It names a dispatcher or mailbox that is not configured.</exception>
    public DispatcherBinding Bind(string? dispatcher, string? mailbox, ActorPath path) =>
        dispatcher is null && mailbox is null
            ? new DispatcherBinding(Default, 0, 0)
            : new DispatcherBinding(Find(dispatcher ?? DefaultId, path), Capacity(mailbox, path), StashCapacity(mailbox));

    private MessageDispatcher Find(string id, ActorPath path)
    {
        var type = _config.GetString($"{id}.type", id == DefaultId ? "Dispatcher" : id == PinnedId ? "PinnedDispatcher" : null)
            ?? throw new ConfigurationException(
                $"Dispatcher [{id}] of {path} is not configured. Add {id} {{ type = Dispatcher }} or {{ type = PinnedDispatcher }}.");
        if (_only is not null || id == DefaultId) return Default;
        return type switch
        {
            "PinnedDispatcher" => new PinnedDispatcher(),
            "Dispatcher" or "TaskDispatcher" or "ForkJoinDispatcher" =>
                _shared.GetOrAdd(id, NewPool),
            _ => throw new ConfigurationException($"Dispatcher [{id}] of {path} has type '{type}'. Use Dispatcher or PinnedDispatcher."),
        };
    }

    /// <summary>A configured throughput is kept to exactly. Without one, batches follow each other while the turn is short, for going to the
    /// end of the line costs more than many a message.</summary>
    private PoolDispatcher NewPool(string id) => _config.HasPath($"{id}.throughput")
        ? new PoolDispatcher(Math.Max(1, _config.GetInt($"{id}.throughput")), TimeSpan.Zero)
        : new PoolDispatcher(DefaultThroughput, DefaultTurn);

    private int Capacity(string? id, ActorPath path)
    {
        if (id is null) return 0;
        var type = _config.GetString($"{id}.mailbox-type", null)
            ?? throw new ConfigurationException(
                $"Mailbox [{id}] of {path} is not configured. Add {id} {{ mailbox-type = \"Akka.Dispatch.BoundedMailbox, Akka\", mailbox-capacity = 1000 }}.");
        switch (type.Split(',')[0].Trim())
        {
            case "Akka.Dispatch.UnboundedMailbox" or "Akka.Dispatch.UnboundedDequeBasedMailbox": return 0;
            case "Akka.Dispatch.BoundedMailbox" or "Akka.Dispatch.BoundedDequeBasedMailbox": break;
            default:
                throw new ConfigurationException($"Mailbox [{id}] of {path} has type '{type}'. "
                    + "Use Akka.Dispatch.UnboundedMailbox or Akka.Dispatch.BoundedMailbox; others need a build with AkkaPackages=true.");
        }
        var capacity = _config.GetInt($"{id}.mailbox-capacity", 1000);
        return capacity > 0 ? capacity : throw new ConfigurationException($"{id}.mailbox-capacity is {capacity}; a bounded mailbox holds at least 1.");
    }

    private int StashCapacity(string? id) => id is null ? 0 : _config.GetInt($"{id}.stash-capacity", 0);
}
