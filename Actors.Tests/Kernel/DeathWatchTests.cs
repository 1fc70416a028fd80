namespace ActorPerf.Tests.Kernel;

public sealed class DeathWatchTests : ActorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef subject, IActorRef target)
        {
            Context.Watch(subject);
            Receive<Terminated>(dead => target.Tell((dead.ActorRef, dead.ExistenceConfirmed)));
            Receive<ManualResetEventSlim>(gate => gate.Wait());
            Receive<string>(text => text == "unwatch", _ => Context.Unwatch(subject));
            Receive<string>(text => text == "again", _ => Context.Watch(subject));
            ReceiveAny(message => target.Tell(message));
        }
    }

    private sealed class Careless(IActorRef subject, IActorRef target) : UntypedActor
    {
        protected override void PreStart() => Context.Watch(subject);

        protected override void OnReceive(object message) => Unhandled(message);

        protected override void PostStop() => target.Tell("stopped");
    }

    private sealed class WithMessage : ReceiveActor
    {
        public WithMessage(IActorRef subject, IActorRef target)
        {
            Context.WatchWith(subject, "gone");
            Receive<string>(text => target.Tell(text));
        }
    }

    private sealed class Namesake(IActorRef target) : UntypedActor
    {
        private IActorRef _child = Context.Watch(Context.ActorOf<Idle>("child"));

        protected override void OnReceive(object message)
        {
            if (message is Terminated)
            {
                _child = Context.Watch(Context.ActorOf<Idle>("child"));    // the name is free by now
                target.Tell(_child);
            }
            else
            {
                Context.Stop(_child);
            }
        }
    }

    private IActorRef Watching(IActorRef subject)
    {
        var target = TestActor;
        return Sys.ActorOf(Props.Create(() => new Watcher(subject, target)));
    }

    [Fact]
    public async Task A_watched_actor_s_end_is_told_exactly_once()
    {
        var subject = Sys.ActorOf<Idle>();
        var watcher = Watching(subject);
        watcher.Tell("again");
        watcher.Tell(new Ready());
        await ExpectMsgAsync<Ready>();
        subject.Tell(PoisonPill.Instance);
        Assert.Equal((subject, true), await ExpectMsgAsync<(IActorRef, bool)>());
        await ExpectNoMsgAsync(30);
    }

    private sealed record Ready;

    [Fact]
    public async Task An_actor_already_dead_is_told_at_once()
    {
        var subject = Sys.ActorOf<Idle>();
        await subject.GracefulStop(Limit);
        var watcher = Watching(subject);
        Assert.Equal((subject, false), await ExpectMsgAsync<(IActorRef, bool)>());
        watcher.Tell("again");
        Assert.Equal((subject, false), await ExpectMsgAsync<(IActorRef, bool)>());
    }

    [Fact]
    public async Task Unwatch_drops_even_what_is_already_queued()
    {
        var (subject, gate) = (Sys.ActorOf<Idle>(), new ManualResetEventSlim());
        var watcher = Watching(subject);
        watcher.Tell(gate);
        watcher.Tell("unwatch");
        watcher.Tell("after");
        await subject.GracefulStop(Limit);
        gate.Set();
        await ExpectMsgAsync("after");
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task Several_watchers_are_all_told()
    {
        var subject = Sys.ActorOf<Idle>();
        for (var i = 0; i < 3; i++) Watching(subject);
        var probe = CreateTestProbe();
        await probe.WatchAsync(subject);
        subject.Tell(PoisonPill.Instance);
        for (var i = 0; i < 3; i++) Assert.Equal(subject, (await ExpectMsgAsync<(IActorRef, bool)>()).Item1);
        await probe.ExpectTerminatedAsync(subject);
    }

    [Fact]
    public async Task An_end_nobody_handles_breaks_the_death_pact()
    {
        var (subject, target) = (Sys.ActorOf<Idle>(), TestActor);
        Sys.ActorOf(Props.Create(() => new Careless(subject, target)));
        subject.Tell(PoisonPill.Instance);
        await ExpectMsgAsync("stopped");
    }

    [Fact]
    public async Task A_watch_may_name_its_message()
    {
        var (subject, target) = (Sys.ActorOf<Idle>(), TestActor);
        Sys.ActorOf(Props.Create(() => new WithMessage(subject, target)));
        subject.Tell(PoisonPill.Instance);
        await ExpectMsgAsync("gone");
    }

    [Fact]
    public async Task When_the_end_of_a_child_is_told_its_name_is_free()
    {
        var target = TestActor;
        var parent = Sys.ActorOf(Props.Create(() => new Namesake(target)));
        parent.Tell("stop");
        var first = await ExpectMsgAsync<IActorRef>();
        parent.Tell("stop");
        var second = await ExpectMsgAsync<IActorRef>();
        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(first, second);
    }
}
