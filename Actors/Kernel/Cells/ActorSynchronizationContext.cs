namespace ActorPerf.Kernel;

/// <summary>Brings what is awaited inside a handler back into the actor.</summary>
internal sealed class ActorSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => cell.PostSystem(new SystemMessage.Continuation(d, state));

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException($"{cell.Self.Path} cannot be called synchronously: send it a message.");

    public override SynchronizationContext CreateCopy() => this;
}
