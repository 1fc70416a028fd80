using System.Runtime.CompilerServices;
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

    /// <summary>Handles up to a batch of user messages; false when none was left or the actor may handle none now.</summary>
    /// <remarks>One guarded region for the whole batch: one for every message would keep its variables out of registers.</remarks>
    private bool RunBatch(int budget)
    {
        if (!IsReceiving) return BuryBatch(budget);
        try
        {
            return HandleBatch(budget);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        if (_actor is { Message: { } failed }) NoteHandled(failed);
        if (!_systemQueue.IsEmpty) RunSystemMessages();
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool HandleBatch(int budget)
    {
        while (budget-- > 0)
        {
            if (_suspensions > 0) return false;
            if (_actor is not { } actor || !IsReceiving) return true;      // what is left is buried outside of the guarded region
            if (!TryTake(out var message, out var sender)) return false;
            Invoke(actor, message, sender);
            if (!_systemQueue.IsEmpty) RunSystemMessages();
        }
        return true;
    }

    private bool BuryBatch(int budget)
    {
        while (budget-- > 0)
        {
            if (_suspensions > 0 || !TryTake(out var message, out var sender)) return false;
            Bury(message, sender);
            if (!_systemQueue.IsEmpty) RunSystemMessages();
        }
        return true;
    }

    private bool IsReceiving => _actor is not null && !Has(CellFlags.Terminated | CellFlags.Terminating);

    private void Invoke(ActorBase actor, object message, IActorRef? sender)
    {
        actor.Message = message;           // kept while its handler awaits
        if (!ReferenceEquals(actor.MessageSender, sender)) actor.MessageSender = sender;   // mostly the same again; a store costs more
        actor.Handled++;
        Dispatch(actor, message);
        if (_extras is not null) NoteHandled(message);
    }

    private void NoteHandled(object message)
    {
        if (_extras is { Awaiting: null, ReceiveTimeout: { } clock }) clock.Handled(message);      // an awaited message stays current until its task has ended
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
