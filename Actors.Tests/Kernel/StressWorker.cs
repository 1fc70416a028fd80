namespace ActorPerf.Tests.Kernel;

/// <summary>Does everything with every message that can disturb a mailbox: fails, restarts, starts and stops children, awaits, stashes, sets timers.</summary>
internal sealed class StressWorker : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1), Later = TimeSpan.FromHours(1);

    private readonly int _id;
    private readonly StressLedger _ledger;
    private readonly Props _child;

    public StressWorker(int id, StressLedger ledger)
    {
        _id = id;
        _ledger = ledger;
        _child = Props.Create(() => new StressChild(ledger));
        Working();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    protected override void PreStart() => _ledger.Born();

    protected override void PostStop() => _ledger.Died();

    private void Working()
    {
        ReceiveAsync<StressWork>(work => work.Deed is StressDeed.Await or StressDeed.AwaitAndFail, AwaitAsync);
        Receive<StressWork>(work => work.Deed == StressDeed.Stash, _ =>
        {
            Stash.Stash();
            Become(Counting);
            Stash.UnstashAll();
        });
        Receive<StressWork>(work =>
        {
            _ledger.Record(_id, work);
            Do(work.Deed);
        });
        Ignoring();
    }

    /// <summary>The stashed message comes again, before all others, and is counted.</summary>
    private void Counting()
    {
        Receive<StressWork>(work =>
        {
            _ledger.Record(_id, work);
            Become(Working);
        });
        Ignoring();
    }

    private void Ignoring()
    {
        Receive<Terminated>(_ => { });
        Receive<ReceiveTimeout>(_ => { });
        Receive<string>(_ => { });
    }

    private void Do(StressDeed deed)
    {
        switch (deed)
        {
            case StressDeed.Fail: throw new FormatException();
            case StressDeed.StartChild: Context.ActorOf(_child); break;
            case StressDeed.WatchChild: Context.Watch(Context.ActorOf(_child)); break;
            case StressDeed.StopChild: Context.Stop(SomeChild()); break;
            case StressDeed.FailChild: SomeChild().Tell("fail"); break;
            case StressDeed.AskChild: SomeChild().Ask<string>("answer", Soon).PipeTo(Self, failure: _ => "nobody answered"); break;
            case StressDeed.StartTimer: Timers.StartSingleTimer("single", "tick", Soon); break;
            case StressDeed.StartTimers: Timers.StartPeriodicTimer("periodic", "tick", Soon, Later); break;
            case StressDeed.Become: Become(Working); break;
            case StressDeed.WaitForSilence: Context.SetReceiveTimeout(Later); break;
        }
    }

    private async Task AwaitAsync(StressWork work)
    {
        _ledger.Record(_id, work);
        await Task.Yield();
        if (work.Deed == StressDeed.AwaitAndFail) throw new FormatException();
    }

    private static IActorRef SomeChild() => Context.GetChildren().LastOrDefault() ?? ActorRefs.Nobody;
}

/// <summary>Answers, or fails and is restarted.</summary>
internal sealed class StressChild : UntypedActor
{
    private readonly StressLedger _ledger;

    public StressChild(StressLedger ledger) => _ledger = ledger;

    protected override void PreStart() => _ledger.Born();

    protected override void PostStop() => _ledger.Died();

    protected override void OnReceive(object message)
    {
        if (message is "answer") Sender.Tell("here", Self);
        else throw new FormatException();
    }
}
