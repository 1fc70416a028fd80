using ActorPerf.Kernel;

namespace ActorPerf.TestKit;

/// <summary>A subscriber of dead letters that is no actor: it is told on the thread that publishes.</summary>
internal sealed class DeadLetterWatch : ActorRefBase, IDisposable
{
    private readonly ActorSystem _system;
    private readonly Action<DeadLetter> _seen;

    public DeadLetterWatch(ActorSystem system, Action<DeadLetter> seen)
    {
        (_system, _seen) = (system, seen);
        Path = ((ActorSystemImpl)system).TempPath(((ActorSystemImpl)system).NextUid());
        system.EventStream.Subscribe(this, typeof(DeadLetter));
    }

    public override ActorPath Path { get; }

    public override void Tell(object message, IActorRef? sender)
    {
        if (message is DeadLetter letter) _seen(letter);
    }

    public override void SendSystemMessage(SystemMessage message) { }

    public void Dispose() => _system.EventStream.Unsubscribe(this);
}
