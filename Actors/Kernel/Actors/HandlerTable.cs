namespace ActorPerf.Kernel;

/// <summary>The handlers of one behaviour, asked in the order of their declaration.</summary>
internal sealed class HandlerTable
{
    private MessageHandler[] _handlers = [];
    private bool _complete;

    /// <exception cref="InvalidOperationException">A handler that takes every message was already declared.</exception>
    public void Add(MessageHandler handler, Type? type)
    {
        if (_complete)
        {
            throw new InvalidOperationException(
                "A handler was declared behind one that takes every message; it could never run. Declare ReceiveAny and Receive<object> last.");
        }
        _complete = handler.TakesEverything && (type is null || type == typeof(object));
        var handlers = new MessageHandler[_handlers.Length + 1];
        _handlers.CopyTo(handlers, 0);
        handlers[^1] = handler;
        _handlers = handlers;
    }

    public bool TryHandle(object message)
    {
        foreach (var handler in _handlers)
        {
            if (handler.TryHandle(message)) return true;
        }
        return false;
    }
}
