namespace ActorPerf.Kernel;

/// <summary>The root: stops the system's actors when those of users have stopped, and then itself.</summary>
internal sealed class RootGuardian : UntypedActor
{
    protected override void PreStart()
    {
        foreach (var child in Context.GetChildren()) Context.Watch(child);
    }

    protected override void OnReceive(object message)
    {
        if (message is not Terminated { ActorRef.Path.Name: var name }) return;
        if (name == "user") Context.Stop(Context.Child("system"));
        else Context.Stop(Self);
    }

    protected override SupervisorStrategy SupervisorStrategy() => Kernel.SupervisorStrategy.StoppingStrategy;
}

/// <summary>The parent of top-level actors.</summary>
internal sealed class Guardian : UntypedActor
{
    protected override void OnReceive(object message) => Unhandled(message);

    protected override void PreRestart(Exception reason, object message) { }
}
