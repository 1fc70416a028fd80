namespace ActorPerf.Kernel;

#pragma warning disable CA1815 // Nobody compares envelopes, and Akka.NET's has no equality either.
/// <summary>A message and who sent it, as mailboxes and stashes keep them.</summary>
public readonly struct Envelope
{
    public Envelope(object message, IActorRef? sender)
    {
        Message = message;
        Sender = sender;
    }

    public object Message { get; }

    /// <summary>Null where nobody did.</summary>
    public IActorRef? Sender { get; }

    public override string ToString() => $"<{Message}> from {(Sender is null ? "NoSender" : Sender.ToString())}";

    internal void Deconstruct(out object message, out IActorRef? sender) => (message, sender) = (Message, Sender);
}
#pragma warning restore CA1815
