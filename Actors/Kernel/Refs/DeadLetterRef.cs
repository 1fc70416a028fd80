using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>Where messages to the dead end: each is published on the event stream as a <see cref="DeadLetter"/>.</summary>
internal sealed class DeadLetterRef(ActorSystemImpl system, ActorPath path) : ActorRefBase
{
    private long _count;

    public override ActorPath Path { get; } = path;

    public override bool IsTerminated => true;

    /// <summary>Letters since the system started.</summary>
    public long Count => Interlocked.Read(ref _count);

    public override void Tell(object message, IActorRef? sender)
    {
        if (message is null) throw new InvalidMessageException("Message is null.");
        if (message is DeadLetter letter) Deliver(letter);
        else Undelivered(message, sender, this);
    }

    /// <summary>Publishes what could not be delivered to <paramref name="recipient"/>.</summary>
    public void Undelivered(object message, IActorRef? sender, IActorRef recipient)
    {
        if (message is TimerTick or AllDeadLetters) return;     // a letter about a lost letter would never end
        if (message is IDeadLetterSuppression suppressed) system.EventStream.Publish(new SuppressedDeadLetter(suppressed, sender ?? this, recipient));
        else Deliver(new DeadLetter(message, sender ?? this, recipient));
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is SystemMessage.Watch watch) TellWatcherOfTheDead(watch);
    }

    /// <summary>Watching an actor that is already dead is answered at once, exactly once.</summary>
    public static void TellWatcherOfTheDead(SystemMessage.Watch watch) =>
        watch.Watcher.SendSystemMessage(new SystemMessage.DeathWatchNotification(watch.Watchee, existenceConfirmed: false));

    private void Deliver(DeadLetter letter)
    {
        Interlocked.Increment(ref _count);
        system.EventStream.Publish(letter);
        if (!system.Log.IsEnabled(LogLevel.Debug)) return;
        system.Log.MessageUndelivered(letter.Message.GetType().Name, letter.Recipient.Path.ToString(), letter.Sender.Path.ToString());
    }
}
