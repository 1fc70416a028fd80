using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>Handling one message.</summary>
internal sealed partial class ActorCell
{
    private Receive? _behavior;            // null: what the actor's class declares

    public IActorRef Sender => _actor?.MessageSender ?? _system.DeadLetters;

    /// <summary>The message being handled and its sender.</summary>
    public Envelope? CurrentMessage => _actor is { Message: { } message } actor ? new Envelope(message, actor.MessageSender) : null;

    public void Become(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _extras?.Behaviors?.Clear();
        _behavior = receive;
    }

    public void BecomeStacked(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        (Extras.Behaviors ??= new()).Push(_behavior);
        _behavior = receive;
    }

    public void Become(UntypedReceive receive) => Become(Always(receive));

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(Always(receive));

    /// <summary>Goes back to the behaviour before the last <c>BecomeStacked</c>, at the bottom to what the class declares.</summary>
    public void UnbecomeStacked() => _behavior = _extras?.Behaviors is { Count: > 0 } behaviors ? behaviors.Pop() : null;

    public void PublishUnhandled(object message)
    {
        _system.EventStream.Publish(new UnhandledMessage(message, Sender, _self));
        if (_system.Log.IsEnabled(LogLevel.Debug)) _system.Log.MessageUnhandled(message.GetType().Name, _self.Path.ToString());
    }

    private static Receive Always(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };

    private void Invoke(object message, IActorRef? sender)
    {
        if (_actor is not { } actor || Has(CellFlags.Terminated | CellFlags.Terminating))
        {
            Bury(message, sender);
            return;
        }
        actor.Message = message;           // kept while its handler awaits
        actor.MessageSender = sender;
        actor.Handled++;
        try
        {
            Dispatch(actor, message);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        if (_extras is { } extras)
        {
            if (extras.Awaiting is not null) return;       // the message stays current until its task has ended
            extras.ReceiveTimeout?.Handled(message);
        }
    }

    /// <summary>Lets go of the message handled last. Once a turn is enough; a failed one is kept for PreRestart.</summary>
    private void ForgetMessage()
    {
        if (_actor is not { } actor) return;
        actor.Message = null;
        actor.MessageSender = null;
    }

    private void Dispatch(ActorBase actor, object message)
    {
        switch (message)
        {
            case PoisonPill:
                Set(CellFlags.StoppedByPill);
                Stop(_self);
                break;
            case Kill:
                throw new ActorKilledException();
            case Terminated terminated:
                ReceiveTerminated(actor, terminated);
                break;
            case TimerTick tick:
                ReceiveTick(actor, tick);
                break;
            default:
                Deliver(actor, message);
                break;
        }
    }

    private void Deliver(ActorBase actor, object message)
    {
        var handled = _behavior is { } behavior ? behavior(message) : actor.ReceiveDefault(message);
        if (!handled) actor.RunUnhandled(message);
    }

    private void ReceiveTick(ActorBase actor, TimerTick tick)
    {
        if (_extras?.Timers is not { } timers || !timers.TryTake(tick)) return;    // cancelled or replaced after it was sent
        actor.Message = tick.Message;
        Dispatch(actor, tick.Message);
    }

    private void Bury(object message, IActorRef? sender) => _system.DeadLetterRef.Undelivered(message, sender, _self);
}
