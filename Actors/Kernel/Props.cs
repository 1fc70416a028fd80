using System.Linq.Expressions;

namespace ActorPerf.Kernel;

/// <summary>How an actor is made, again and again: its type, its constructor's arguments, where it runs. Immutable.</summary>
public class Props : IEquatable<Props>
{
    private readonly ActorProducer _producer;

    private Props(ActorProducer producer) => _producer = producer;

    public Type Type => _producer.Type;

    public string TypeName => Type.AssemblyQualifiedName ?? Type.Name;

    public object?[] Arguments => _producer.Arguments;

    /// <summary>Id of the dispatcher, or null for the default.</summary>
    public string? Dispatcher { get; private init; }

    /// <summary>Id of the mailbox, or null for the default.</summary>
    public string? Mailbox { get; private init; }

    public RouterConfig RouterConfig { get; private init; } = NoRouter.Instance;

    /// <summary>Decides about the actor's children instead of the actor's own; null for that.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; private init; }

    internal int? StashCapacity { get; private init; }

    /// <summary>Props of <c>() =&gt; new X(a, b)</c>. The arguments are evaluated now, once.</summary>
    /// <exception cref="ArgumentException"><paramref name="factory"/> is something else than a constructor call.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null) where TActor : ActorBase =>
        new(ActorProducer.FromExpression(factory)) { SupervisorStrategy = supervisorStrategy };

    /// <summary>Props of the constructor that takes these arguments.</summary>
    public static Props Create<TActor>(params object?[] args) where TActor : ActorBase => Create(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy) where TActor : ActorBase, new() =>
        new(ActorProducer.FromType(typeof(TActor), [])) { SupervisorStrategy = supervisorStrategy };

    /// <exception cref="ArgumentException"><paramref name="type"/> is not an actor.</exception>
    public static Props Create(Type type, params object?[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        return typeof(ActorBase).IsAssignableFrom(type)
            ? new Props(ActorProducer.FromType(type, args ?? [null]))
            : throw new ArgumentException($"{type} is not an actor: it does not derive from ActorBase.", nameof(type));
    }

    public Props WithDispatcher(string dispatcher) => new(this) { Dispatcher = dispatcher };

    public Props WithMailbox(string mailbox) => new(this) { Mailbox = mailbox };

    public Props WithRouter(RouterConfig routerConfig) => new(this) { RouterConfig = routerConfig };

    public Props WithStashCapacity(int stashCapacity) => new(this) { StashCapacity = stashCapacity };

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => new(this) { SupervisorStrategy = supervisorStrategy };

    public bool Equals(Props? other) =>
        other is not null && Type == other.Type && Dispatcher == other.Dispatcher && Mailbox == other.Mailbox
        && RouterConfig.Equals(other.RouterConfig) && Arguments.SequenceEqual(other.Arguments);

    public override bool Equals(object? obj) => Equals(obj as Props);

    public override int GetHashCode() => HashCode.Combine(Type, Dispatcher, Mailbox);

    /// <summary>Props of an actor of the kernel that needs no reflection.</summary>
    internal static Props Internal(Type type, Func<ActorBase> make) => new(ActorProducer.FromFunction(type, make));

    internal ActorBase NewActor() => _producer.Produce();

    private Props(Props other) : this(other._producer)
    {
        Dispatcher = other.Dispatcher;
        Mailbox = other.Mailbox;
        RouterConfig = other.RouterConfig;
        SupervisorStrategy = other.SupervisorStrategy;
        StashCapacity = other.StashCapacity;
    }
}
