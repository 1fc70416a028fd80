namespace ActorPerf.Kernel;

/// <summary>The reference to no actor: what it is told is forgotten.</summary>
public sealed class Nobody : IActorRef
{
    private Nobody() => Path = new RootActorPath(new Address("akka", "all-systems")).Child("Nobody");

    public static Nobody Instance { get; } = new();

    public ActorPath Path { get; }

    public void Tell(object message, IActorRef? sender) { }

    public bool Equals(IActorRef? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => 0;

    public override string ToString() => "Nobody";
}
