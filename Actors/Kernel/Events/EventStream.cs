using System.Collections.Concurrent;

namespace ActorPerf.Kernel;

/// <summary>Messages for whoever subscribed to their type or one of its base types or interfaces.</summary>
/// <remarks>Subscribers that have stopped are forgotten with the next event for them, and all of them with the next subscription.</remarks>
public class EventStream
{
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<Type, IActorRef[]> _audience = new();    // by concrete type of event; emptied at each change
    private (IActorRef Subscriber, Type Channel)[] _subscriptions = [];

    internal EventStream() { }

    /// <summary>Pairs of a subscriber and a type.</summary>
    internal int Subscriptions => Volatile.Read(ref _subscriptions).Length;

    /// <returns>False when that subscription existed already.</returns>
    public virtual bool Subscribe(IActorRef subscriber, Type channel)
    {
        lock (_changing)
        {
            if (Array.Exists(_subscriptions, s => s.Subscriber.Equals(subscriber) && s.Channel == channel)) return false;
            _subscriptions = [.. _subscriptions.Where(s => !HasStopped(s.Subscriber)), (subscriber, channel)];
            _audience.Clear();
        }
        return true;
    }

    /// <returns>False when there was no such subscription.</returns>
    public virtual bool Unsubscribe(IActorRef subscriber, Type channel) => Remove(s => s.Subscriber.Equals(subscriber) && s.Channel == channel);

    /// <returns>False when there was none.</returns>
    public virtual bool Unsubscribe(IActorRef subscriber) => Remove(s => s.Subscriber.Equals(subscriber));

    /// <summary>Tells <paramref name="event"/> to every subscriber of its type, once.</summary>
    public void Publish(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        if (_subscriptions.Length == 0) return;
        foreach (var subscriber in Audience(@event.GetType()))
        {
            if (HasStopped(subscriber)) Unsubscribe(subscriber);
            else subscriber.Tell(@event, ActorCell.Current?.Self);
        }
    }

    private static bool HasStopped(IActorRef subscriber) => subscriber is IInternalActorRef { IsTerminated: true };

    private IActorRef[] Audience(Type type)
    {
        if (_audience.TryGetValue(type, out var known)) return known;
        lock (_changing)
        {
            var audience = _subscriptions.Where(s => s.Channel.IsAssignableFrom(type)).Select(s => s.Subscriber).Distinct().ToArray();
            _audience[type] = audience;
            return audience;
        }
    }

    private bool Remove(Predicate<(IActorRef Subscriber, Type Channel)> which)
    {
        lock (_changing)
        {
            var left = Array.FindAll(_subscriptions, s => !which(s));
            if (left.Length == _subscriptions.Length) return false;
            _subscriptions = left;
            _audience.Clear();
            return true;
        }
    }
}
