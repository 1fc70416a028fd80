namespace ActorPerf.Kernel;

/// <summary>A message and who sent it, as mailboxes and stashes keep them.</summary>
public readonly record struct Envelope(object Message, IActorRef? Sender);
