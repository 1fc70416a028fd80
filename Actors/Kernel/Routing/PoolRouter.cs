namespace ActorPerf.Kernel;

/// <summary>The actor behind a pool: keeps its routees complete and answers questions about them.</summary>
internal sealed class PoolRouter(RouterRef router, Pool pool) : UntypedActor
{
    protected override void PreStart()
    {
        foreach (var routee in router.Routees) Context.Watch(routee);
    }

    protected override void PostStop()
    {
        while (router.Vacancies.TryGiveUp()) { }
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
            case Vacancy vacancy:
                if (router.Vacancies.TryFill(vacancy.Name)) Context.Watch(router.AddRoutee(vacancy.Name));
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
            Replace(routee);
            return;
        }
        router.Vacancies.Forget(routee.Path.Name);
        router.Remove(routee);
        if (router.Routees.Length == 0) Context.Stop(Self);
    }

    private void Replace(LocalActorRef dead)
    {
        var name = dead.Path.Name;
        var pause = router.Vacancies.PauseBefore(name);
        if (pause == TimeSpan.Zero)
        {
            Context.Watch(router.Replace(dead));
            return;
        }
        router.Remove(dead);
        router.Vacancies.Open(name, router.TellRouterLater(pause, new Vacancy(name)));
    }

    private void Adjust(int change)
    {
        for (; change > 0; change--) Context.Watch(router.AddRoutee(null));
        while (change < 0 && router.Vacancies.TryGiveUp()) change++;
        foreach (var routee in router.Routees.Reverse().Take(-change))
        {
            router.Vacancies.Forget(routee.Path.Name);
            router.LetGo(routee);
        }
    }

    /// <summary>The pause before the routee of this name is started is over.</summary>
    private sealed record Vacancy(string Name) : IDeadLetterSuppression;
}
