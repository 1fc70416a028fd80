namespace ActorPerf.Kernel;

/// <summary>A message of the life cycle. It is its own list node, so it is sent once, to one actor.</summary>
internal abstract class SystemMessage
{
    private SystemMessage() { }

    public SystemMessage? Next;

    /// <summary>Kept back while the actor waits for its children to stop; told again when they have.</summary>
    public virtual bool WaitsForChildren => false;

    /// <summary>Kept back while the actor is suspended (failed, or awaiting inside a handler).</summary>
    public virtual bool WaitsWhileSuspended => false;

    public sealed class Suspend : SystemMessage
    {
        public override bool WaitsForChildren => true;
    }

    /// <summary>Undoes one suspension; <paramref name="cause"/> is the failure that is forgiven, null when the parent merely resumes.</summary>
    public sealed class Resume(Exception? cause) : SystemMessage
    {
        public Exception? Cause { get; } = cause;

        public override bool WaitsForChildren => true;
    }

    public sealed class Recreate(Exception cause) : SystemMessage
    {
        public Exception Cause { get; } = cause;

        public override bool WaitsForChildren => true;
    }

    public sealed class Terminate : SystemMessage;

    /// <summary>A child reports its failure and waits, suspended, for the verdict.</summary>
    public sealed class Failed(LocalActorRef child, Exception cause) : SystemMessage
    {
        public LocalActorRef Child { get; } = child;

        public Exception Cause { get; } = cause;

        public override bool WaitsForChildren => true;

        public override bool WaitsWhileSuspended => true;
    }

    public sealed class Watch(IActorRef watchee, IInternalActorRef watcher) : SystemMessage
    {
        public IActorRef Watchee { get; } = watchee;

        public IInternalActorRef Watcher { get; } = watcher;
    }

    public sealed class Unwatch(IInternalActorRef watcher) : SystemMessage
    {
        public IInternalActorRef Watcher { get; } = watcher;
    }

    /// <summary>An actor has stopped: told to its parent and its watchers.</summary>
    public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed) : SystemMessage
    {
        public IActorRef Actor { get; } = actor;

        public bool ExistenceConfirmed { get; } = existenceConfirmed;
    }

    /// <summary>The rest of an async handler, resumed in the actor's turn.</summary>
    public sealed class Continuation(SendOrPostCallback callback, object? state) : SystemMessage, IThreadPoolWorkItem
    {
        public void Run() => callback(state);

        /// <summary>Runs outside the actor: it died while the handler awaited, and what it awaits must still end.</summary>
        void IThreadPoolWorkItem.Execute() => callback(state);
    }

    /// <summary>An async handler has ended.</summary>
    public sealed class HandlerCompleted(Task handler) : SystemMessage
    {
        public Task Handler { get; } = handler;
    }

    /// <summary>The receive time-out may have elapsed.</summary>
    public sealed class ReceiveTimeoutCheck : SystemMessage;
}
