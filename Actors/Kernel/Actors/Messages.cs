namespace ActorPerf.Kernel;

/// <summary>Stops the actor when its turn comes, behind everything already queued.</summary>
public sealed class PoisonPill : IDeadLetterSuppression
{
    private PoisonPill() { }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor throw <see cref="ActorKilledException"/>; its supervisor decides, by default to stop it.</summary>
public sealed class Kill
{
    private Kill() { }

    public static Kill Instance { get; } = new();

    public override string ToString() => "<Kill>";
}

/// <summary>A watched actor has stopped. Sent exactly once per watch.</summary>
public sealed class Terminated : IDeadLetterSuppression, IEquatable<Terminated>
{
    public Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated)
    {
        ActorRef = actorRef;
        ExistenceConfirmed = existenceConfirmed;
        AddressTerminated = addressTerminated;
    }

    public IActorRef ActorRef { get; }

    /// <summary>False when the actor was already dead when the watch began.</summary>
    public bool ExistenceConfirmed { get; }

    /// <summary>Always false here: there is no remoting.</summary>
    public bool AddressTerminated { get; }

    public bool Equals(Terminated? other) => other is not null && ActorRef.Equals(other.ActorRef)
        && ExistenceConfirmed == other.ExistenceConfirmed && AddressTerminated == other.AddressTerminated;

    public override bool Equals(object? obj) => Equals(obj as Terminated);

    public override int GetHashCode() => HashCode.Combine(ActorRef, ExistenceConfirmed);

    public override string ToString() => $"<Terminated>: {ActorRef} - ExistenceConfirmed={ExistenceConfirmed}";
}

/// <summary>Nothing arrived for as long as <c>SetReceiveTimeout</c> said.</summary>
public class ReceiveTimeout
{
    private ReceiveTimeout() { }

    public static ReceiveTimeout Instance { get; } = new();
}

/// <summary>A message that does not postpone the receive time-out.</summary>
#pragma warning disable CA1040 // A marker interface: that is Akka.NET's API.
public interface INotInfluenceReceiveTimeout;

/// <summary>A message that is not published as a dead letter when it reaches nobody.</summary>
public interface IDeadLetterSuppression;
#pragma warning restore CA1040

/// <summary>How something ended: what <c>PipeTo</c> sends for a failed task, and what an <c>Ask</c> understands as a failure.</summary>
public abstract class Status
{
    private protected Status() { }

    public sealed class Success(object? status) : Status
    {
        public static readonly Success Instance = new(null);

        public object? Status { get; } = status;

        public override string ToString() => $"Success: {Status ?? "no status"}";
    }

    public sealed class Failure : Status
    {
        public Failure(Exception cause) : this(cause, null) { }

        public Failure(Exception cause, object? state)
        {
            Cause = cause;
            State = state;
        }

        public Exception Cause { get; }

        public object? State { get; }

        public override string ToString() => $"Failure: {Cause}";
    }
}

/// <summary>The result of something that has none.</summary>
public sealed class Done
{
    private Done() { }

    public static Done Instance { get; } = new();
}
