namespace ActorPerf.Tests.Kernel;

public sealed class SupervisionTests : ActorTest
{
    private sealed class Resumable : Exception;

    private sealed class Stoppable : Exception;

    private sealed class Escalated : Exception;

    private sealed class Counting : ReceiveActor
    {
        private readonly IActorRef _target;
        private int _count;

        public Counting(IActorRef target)
        {
            _target = target;
            Receive<Exception>(e => throw e);
            Receive<string>(_ => target.Tell(++_count));
        }

        protected override void PostRestart(Exception reason) => _target.Tell($"restarted {Self.Path.Name}");

        protected override void PostStop() => _target.Tell($"stopped {Self.Path.Name}");

        protected override void PreRestart(Exception reason, object message) { }
    }

    private sealed class Boss : UntypedActor
    {
        private readonly SupervisorStrategy _strategy;
        private readonly IActorRef _target;

        public Boss(SupervisorStrategy strategy, IActorRef target)
        {
            (_strategy, _target) = (strategy, target);
            Context.ActorOf(Props.Create(() => new Counting(target)), "a");
            Context.ActorOf(Props.Create(() => new Counting(target)), "b");
        }

        protected override SupervisorStrategy SupervisorStrategy() => _strategy;

        protected override void OnReceive(object message)
        {
            var (child, inner) = ((string, object))message;
            Context.Child(child).Forward(inner);
        }

        protected override void PreRestart(Exception reason, object message)
        {
            _target.Tell($"boss {reason.GetType().Name}");
            base.PreRestart(reason, message);
        }
    }

    private sealed class FailingStart : UntypedActor
    {
        public FailingStart(int[] attempts, int failures, IActorRef target)
        {
            if (++attempts[0] <= failures) throw new FormatException("constructor");
            target.Tell("started");
        }

        protected override void OnReceive(object message) { }
    }

    private sealed class Stubborn(Props child) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, "child");

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

        protected override void OnReceive(object message) { }
    }

    private sealed class Seeing(Props child, IActorRef target) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, "child");

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(cause =>
        {
            target.Tell(cause);
            return global::ActorPerf.Kernel.SupervisorStrategy.DefaultDecider.Decide(cause);
        });

        protected override void OnReceive(object message) { }
    }

    private static (string, object) A(object message) => ("a", message);

    private static (string, object) B(object message) => ("b", message);

    private IActorRef Start(SupervisorStrategy strategy)
    {
        var target = TestActor;
        return Sys.ActorOf(Props.Create(() => new Boss(strategy, target)), "boss");
    }

    private static SupervisorStrategy ByType => new OneForOneStrategy(cause => cause switch
    {
        Resumable => Directive.Resume,
        Stoppable => Directive.Stop,
        Escalated => Directive.Escalate,
        _ => Directive.Restart,
    });

    [Fact]
    public async Task Resume_keeps_the_state()
    {
        var boss = Start(ByType);
        boss.Tell(A("count"));
        boss.Tell(A(new Resumable()));
        boss.Tell(A("count"));
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(2);
    }

    [Fact]
    public async Task Restart_begins_with_fresh_state_and_touches_no_sibling()
    {
        var boss = Start(ByType);
        foreach (var child in new[] { "a", "b" }) boss.Tell((child, (object)"count"));
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(1);
        boss.Tell(A(new FormatException()));
        await ExpectMsgAsync("restarted a");
        boss.Tell(A("count"));
        await ExpectMsgAsync(1);
        boss.Tell(B("count"));
        await ExpectMsgAsync(2);
    }

    [Fact]
    public async Task The_strategy_of_the_props_is_stronger_than_the_actor_s_own()
    {
        var target = TestActor;
        SupervisorStrategy own = new OneForOneStrategy(_ => Directive.Restart), stopping = SupervisorStrategy.StoppingStrategy;
        foreach (var props in new[]
        {
            Props.Create(() => new Boss(own, target), stopping),
            Props.Create(() => new Boss(own, target)).WithSupervisorStrategy(stopping),
        })
        {
            Sys.ActorOf(props).Tell(A(new FormatException()));
            await ExpectMsgAsync("stopped a");
        }
    }

    [Fact]
    public async Task Stop_ends_the_child()
    {
        var boss = Start(ByType);
        boss.Tell(A(new Stoppable()));
        await ExpectMsgAsync("stopped a");
        boss.Tell(B("count"));
        await ExpectMsgAsync(1);
    }

    [Fact]
    public async Task Escalate_fails_the_supervisor_with_the_same_cause()
    {
        var boss = Start(ByType);
        boss.Tell(A(new Escalated()));
        await ExpectMsgAsync("boss Escalated");
        await ExpectMsgAllOfNames("stopped a", "stopped b");
        boss.Tell(A("count"));
        await ExpectMsgAsync(1);
    }

    private async Task ExpectMsgAllOfNames(params string[] names)
    {
        var seen = new List<string>();
        foreach (var _ in names) seen.Add(await ExpectMsgAsync<string>());
        Assert.Equal(names.Order(), seen.Order());
    }

    [Fact]
    public async Task After_the_allowed_retries_the_child_is_stopped()
    {
        var boss = Start(new OneForOneStrategy(2, null, _ => Directive.Restart));
        for (var i = 0; i < 3; i++) boss.Tell(A(new FormatException()));
        await ExpectMsgAsync("restarted a");
        await ExpectMsgAsync("restarted a");
        await ExpectMsgAsync("stopped a");
    }

    [Fact]
    public async Task No_retries_means_no_restart()
    {
        var boss = Start(new OneForOneStrategy(0, null, _ => Directive.Restart));
        boss.Tell(A(new FormatException()));
        await ExpectMsgAsync("stopped a");
    }

    [Fact]
    public async Task Kill_stops_by_default_whatever_is_queued()
    {
        var boss = Start(SupervisorStrategy.DefaultStrategy);
        boss.Tell(A(Kill.Instance));
        boss.Tell(A("count"));
        await ExpectMsgAsync("stopped a");
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_constructor_that_throws_is_an_initialization_failure_and_stops_the_actor()
    {
        var (target, attempts) = (TestActor, new int[1]);
        var child = Props.Create(() => new FailingStart(attempts, 1, target));
        Sys.ActorOf(Props.Create(() => new Seeing(child, target)));
        var failure = await ExpectMsgAsync<ActorInitializationException>();
        Assert.IsType<FormatException>(failure.InnerException);
        Assert.Equal("child", failure.Actor!.Path.Name);
        await ExpectNoMsgAsync(30);
        Assert.Equal(1, attempts[0]);
    }

    [Fact]
    public async Task A_supervisor_may_try_again_to_construct()
    {
        var (target, attempts) = (TestActor, new int[1]);
        var child = Props.Create(() => new FailingStart(attempts, 3, target));
        Sys.ActorOf(Props.Create(() => new Stubborn(child)));
        await ExpectMsgAsync("started");
        Assert.Equal(4, attempts[0]);
    }

    [Fact]
    public async Task Arguments_that_fit_no_constructor_are_the_actor_s_failure()
    {
        var target = TestActor;
        var child = Props.Create<FailingStart>("unfit");
        Sys.ActorOf(Props.Create(() => new Seeing(child, target)));
        Assert.IsType<MissingMethodException>((await ExpectMsgAsync<ActorInitializationException>()).InnerException);
    }

    [Fact]
    public void Props_take_a_constructor_call_and_nothing_else() =>
        Assert.Throws<ArgumentException>(() => Props.Create(() => Make()));

    private static Stubborn Make() => throw new NotSupportedException();

    [Fact]
    public void Props_find_a_constructor_by_its_arguments()
    {
        var props = Props.Create<Stubborn>(Props.Create(() => new Stubborn(null!)));
        Assert.Equal(typeof(Stubborn), props.Type);
        Assert.Single(props.Arguments);
        Assert.Throws<ArgumentException>(() => Props.Create(typeof(string)));
    }
}
