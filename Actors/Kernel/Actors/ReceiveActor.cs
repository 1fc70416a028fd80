namespace ActorPerf.Kernel;

/// <summary>An actor that declares, in its constructor, one handler per type of message. The first that accepts a message handles it.</summary>
public abstract class ReceiveActor : UntypedActor
{
    private readonly HandlerTable _handlers = new();
    private HandlerTable? _configuring;    // where declarations go now; null once the constructor is done

    protected ReceiveActor() => _configuring = _handlers;

    /// <summary>Handles messages with what <paramref name="configure"/> declares from now on.</summary>
    protected void Become(Action configure) => base.Become(Configured(configure));

    /// <summary>Handles messages with what <paramref name="configure"/> declares, until <c>UnbecomeStacked</c>.</summary>
    protected void BecomeStacked(Action configure) => base.BecomeStacked(Configured(configure));

    protected sealed override void OnReceive(object message) =>
        throw new NotSupportedException("A ReceiveActor handles messages with the handlers it has declared.");

    protected void Receive<T>(Func<T, bool> handler) => Add(new PredicateHandler<T>(handler));

    protected void Receive<T>(Action<T> handler, Predicate<T>? shouldHandle = null) => Add(new ActionHandler<T>(handler, shouldHandle));

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Add(new ActionHandler<T>(handler, shouldHandle));

    protected void Receive(Type messageType, Func<object, bool> handler) =>
        Add(new PredicateHandler<object>(message => messageType.IsInstanceOfType(message) && handler(message)), messageType);

    protected void Receive(Type messageType, Action<object> handler, Predicate<object>? shouldHandle = null) =>
        Add(new ActionHandler<object>(handler, Matching(messageType, shouldHandle)), messageType);

    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

    protected void ReceiveAny(Action<object> handler) => Add(new ActionHandler<object>(handler, null));

    protected void ReceiveAnyAsync(Func<object, Task> handler) => Add(new AsyncHandler<object>(this, handler, null));

    /// <summary>Handles messages of type <typeparamref name="T"/> with a task. Until it ends no other message is handled;
    /// <c>Sender</c>, <c>Self</c> and <c>Context</c> stay those of this message.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T>? shouldHandle = null) =>
        Add(new AsyncHandler<T>(this, handler, shouldHandle));

    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object>? shouldHandle = null) =>
        Add(new AsyncHandler<object>(this, handler, Matching(messageType, shouldHandle)), messageType);

    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        ReceiveAsync(messageType, handler, shouldHandle);

    internal sealed override void OnConstructed() => _configuring = null;

    internal sealed override bool ReceiveDefault(object message) => _handlers.TryHandle(message);

    internal void RunAsync<T>(Func<T, Task> handler, T message) => RunHandler(handler, message);

    private static Predicate<object> Matching(Type type, Predicate<object>? more) =>
        message => type.IsInstanceOfType(message) && (more is null || more(message));

    private Receive Configured(Action configure)
    {
        var outer = _configuring;
        var table = _configuring = new HandlerTable();
        try
        {
            configure();
        }
        finally
        {
            _configuring = outer;
        }
        return table.TryHandle;
    }

    private void Add(MessageHandler handler, Type? type = null)
    {
        if (_configuring is null)
        {
            throw new InvalidOperationException(
                $"{GetType().Name} may declare handlers in its constructor and inside Become(...), not while it handles a message.");
        }
        _configuring.Add(handler, type);
    }
}
