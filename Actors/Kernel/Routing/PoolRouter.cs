namespace ActorPerf.Kernel;

/// <summary>The actor behind a pool: keeps its routees complete and answers questions about them.</summary>
internal sealed class PoolRouter(RouterRef router, Pool pool) : UntypedActor
{
    protected override void PreStart()
    {
        foreach (var routee in router.Routees) Context.Watch(routee);
    }

    /// <summary>Routees survive the router's restart; they are restarted with it.</summary>
    protected override void PreRestart(Exception reason, object message) { }

    protected override SupervisorStrategy SupervisorStrategy() => pool.SupervisorStrategy;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case GetRoutees:
                Sender.Tell(new Routees([.. router.Routees.Select(routee => new ActorRefRoutee(routee))]));
                break;
            case AdjustPoolSize adjust:
                Adjust(adjust.Change);
                break;
            case Terminated { ActorRef: LocalActorRef routee }:
                RouteeStopped(routee);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>A routee that was told to stop is let go, and the last one takes the router with it. One that died otherwise is replaced.</summary>
    private void RouteeStopped(LocalActorRef routee)
    {
        if (!router.Routees.Contains(routee)) return;
        if (!routee.Cell.StoppedByPill)
        {
            Context.Watch(router.Replace(routee));
            return;
        }
        router.Remove(routee);
        if (router.Routees.Length == 0) Context.Stop(Self);
    }

    private void Adjust(int change)
    {
        for (; change > 0; change--) Context.Watch(router.AddRoutee(null));
        foreach (var routee in router.Routees.Reverse().Take(-change))
        {
            router.Remove(routee);
            routee.Tell(PoisonPill.Instance, Self);        // behind what it was already given
        }
    }
}
