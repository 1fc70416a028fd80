namespace ActorPerf.Kernel;

/// <summary>The handlers of one behaviour, asked in the order of their declaration.</summary>
internal sealed class HandlerTable
{
    private MessageHandler[] _handlers = [];
    private bool _complete;
    private Type? _lastType;               // of the message before: most are followed by their like
    private int _firstFitting;             // the first handler declared for it

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
        var handlers = _handlers;
        var type = message.GetType();
        if (!ReferenceEquals(type, _lastType))
        {
            _firstFitting = FirstFitting(message);
            _lastType = type;
        }
        var i = _firstFitting;
        if (i < handlers.Length && handlers[i].TryHandle(message)) return true;
        for (i++; i < handlers.Length; i++)
        {
            if (handlers[i].Fits(message) && handlers[i].TryHandle(message)) return true;
        }
        return false;
    }

    private int FirstFitting(object message)
    {
        var i = 0;
        while (i < _handlers.Length && !_handlers[i].Fits(message)) i++;
        return i;
    }
}
