namespace ActorPerf.Kernel;

/// <summary>Stopping an actor and waiting for its end.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/>; true when the actor has stopped.</summary>
    /// <exception cref="TaskCanceledException">It had not within <paramref name="timeout"/>.</exception>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>As above with another message that makes the actor stop itself.</summary>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        if (target is not LocalActorRef local)
        {
            target.Tell(stopMessage, ActorRefs.NoSender);
            return Task.FromResult(true);
        }
        var end = new EndOfActor(local.Cell.SystemImpl, target);
        end.StartAlarm(timeout);
        local.SendSystemMessage(new SystemMessage.Watch(target, end));
        target.Tell(stopMessage, ActorRefs.NoSender);
        return local.Cell.SystemImpl.Own(end.Stopped);
    }

    /// <summary>A watcher that is no actor.</summary>
    private sealed class EndOfActor(ActorSystemImpl system, IActorRef target) : ActorRefBase, IAlarmClock
    {
        private readonly TaskCompletionSource<bool> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IDisposable? _alarm;

        public override ActorPath Path { get; } = system.TempPath(system.NextUid());

        public Task<bool> Stopped => _stopped.Task;

        public void StartAlarm(TimeSpan timeout) => _alarm = system.StartAlarm(this, timeout);

        public override void Tell(object message, IActorRef? sender) { }

        public override void SendSystemMessage(SystemMessage message)
        {
            if (message is not SystemMessage.DeathWatchNotification) return;
            _alarm?.Dispose();
            _stopped.TrySetResult(true);
        }

        public void Ring()
        {
            target.TellSystem(new SystemMessage.Unwatch(this));
            _stopped.TrySetCanceled();
        }
    }
}
