namespace ActorPerf.Tests.Kernel;

/// <summary>What a restart keeps and what it forgets.</summary>
public sealed class RestartTests : ActorTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Limit = TimeSpan.FromSeconds(60);

    private sealed class Changing : ReceiveActor
    {
        public Changing()
        {
            Receive<string>(text => text == "become", _ => BecomeStacked(Changed));
            Receive<string>(text => text == "timeout", _ => Sender.Tell(Context.ReceiveTimeout ?? TimeSpan.Zero));
            Receive<TimeSpan>(time => SetReceiveTimeout(time));
            Receive<Exception>(e => throw e);
            Receive<string>(text => Sender.Tell($"first {text}"));
        }

        private void Changed()
        {
            Receive<Exception>(e => throw e);
            Receive<string>(text => Sender.Tell($"second {text}"));
        }
    }

    private sealed class Keeping(IActorRef target) : UntypedActor
    {
        private bool _restarted;

        protected override void PreStart()
        {
            if (Context.Child("child").Equals(ActorRefs.Nobody)) Context.ActorOf(Props.Create(() => new Told(target)), "child");
        }

        protected override void PreRestart(Exception reason, object message) => target.Tell("PreRestart");

        protected override void PostRestart(Exception reason) => _restarted = true;

        protected override void PostStop() => target.Tell("PostStop");

        protected override void OnReceive(object message)
        {
            if (message is Exception e) throw e;
            Sender.Tell(_restarted);
        }
    }

    private sealed class Told(IActorRef target) : UntypedActor
    {
        protected override void PostRestart(Exception reason) => target.Tell($"child {reason.Message}");

        protected override void OnReceive(object message) => target.Tell(message);
    }

    private sealed class HalfStarted : UntypedActor
    {
        private readonly IActorRef _target;
        private readonly int[] _restarts;

        public HalfStarted(IActorRef target, int[] restarts)
        {
            (_target, _restarts) = (target, restarts);
            target.Tell("constructor");
        }

        protected override void PreRestart(Exception reason, object message) => _target.Tell("PreRestart");

        protected override void PostRestart(Exception reason)
        {
            if (++_restarts[0] == 1) throw new InvalidOperationException("half");
        }

        protected override void PostStop() => _target.Tell("PostStop");

        protected override void OnReceive(object message)
        {
            if (message is Exception e) throw e;
            _target.Tell(message);
        }
    }

    private sealed class Always(Props child) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, "child");

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

        protected override void OnReceive(object message) => Context.Child("child").Forward(message);
    }

    private sealed class Escalating(Props child) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, "child");

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

        protected override void OnReceive(object message) => Context.Child("child").Forward(message);
    }

    private sealed class BadDecider(Props child) : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(child, "child");

        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => throw new InvalidOperationException("decider"));

        protected override void OnReceive(object message) => Context.Child("child").Forward(message);
    }

    [Fact]
    public async Task A_restart_forgets_behaviours()
    {
        var actor = Sys.ActorOf<Changing>();
        actor.Tell("become");
        Assert.Equal("second a", await actor.Ask<string>("a", Limit));
        actor.Tell(new FormatException());
        Assert.Equal("first a", await actor.Ask<string>("a", Limit));
    }

    [Fact]
    public async Task A_restart_keeps_the_receive_time_out()
    {
        var actor = Sys.ActorOf<Changing>();
        actor.Tell(1000 * Second);
        actor.Tell(new FormatException());
        Assert.Equal(1000 * Second, await actor.Ask<TimeSpan>("timeout", Limit));
    }

    [Fact]
    public async Task A_restart_ends_no_watch()
    {
        var actor = Sys.ActorOf<Changing>();
        await WatchAsync(actor);
        actor.Tell(new FormatException());
        Assert.Equal("first a", await actor.Ask<string>("a", Limit));
        actor.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(actor);
    }

    [Fact]
    public async Task Without_the_default_PreRestart_children_live_on_and_are_restarted_too()
    {
        var target = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new Keeping(target)));
        actor.Tell(new FormatException("why"));
        await ExpectMsgAsync("PreRestart");
        await ExpectMsgAsync("child why");
        Assert.True(await actor.Ask<bool>("restarted?", Limit));
    }

    [Fact]
    public async Task An_instance_whose_PostRestart_throws_gets_no_hook_and_no_message()
    {
        var (target, restarts) = (TestActor, new int[1]);
        var child = Props.Create(() => new HalfStarted(target, restarts));
        var actor = Sys.ActorOf(Props.Create(() => new Always(child)));
        actor.Tell(new FormatException());
        actor.Tell("a");
        foreach (var expected in new[] { "constructor", "PreRestart", "constructor", "constructor", "a" }) await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task What_everybody_escalates_ends_at_the_guardian_which_restarts_its_child()
    {
        var child = Props.Create(() => new Changing());
        var actor = Sys.ActorOf(Props.Create(() => new Escalating(child)), "top");
        // The guardian's line is about the top; by then nothing reaches the old child any more.
        await EventFilter.Exception<FormatException>(source: actor.Path.ToString()).ExpectOneAsync(() => actor.Tell(new FormatException()));
        Assert.Equal("first a", await actor.Ask<string>("a", Limit));
        Assert.False(Sys.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task A_decider_that_throws_is_its_supervisor_s_failure()
    {
        var child = Props.Create(() => new Changing());
        var actor = Sys.ActorOf(Props.Create(() => new BadDecider(child)));
        await EventFilter.Exception<InvalidOperationException>(message: "decider").ExpectOneAsync(() => actor.Tell(new FormatException()));
        Assert.Equal("first a", await actor.Ask<string>("a", Limit));
    }
}
