using System.Collections.Concurrent;

namespace ActorPerf.Tests.Kernel;

public sealed class LifecycleTests : ActorTest
{
    private sealed class Hooked : ReceiveActor
    {
        private readonly IActorRef _target;

        public Hooked(IActorRef target)
        {
            _target = target;
            target.Tell("constructor");
            Receive<string>(text => text == "throw", text => throw new FormatException(text));
            Receive<string>(text => target.Tell(text));
        }

        protected override void PreStart() => _target.Tell("PreStart");

        protected override void PostStop() => _target.Tell("PostStop");

        protected override void PreRestart(Exception reason, object message)
        {
            _target.Tell($"PreRestart {reason.Message} {message}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _target.Tell($"PostRestart {reason.Message}");
            base.PostRestart(reason);
        }
    }

    private sealed class Parent(Props child, int children) : UntypedActor
    {
        protected override void PreStart()
        {
            for (var i = 0; i < children; i++) Context.ActorOf(child, $"c{i}");
        }

        protected override void OnReceive(object message)
        {
            if (message is "throw") throw new FormatException("parent");
            if (message is "names") Sender.Tell(string.Join(' ', Context.GetChildren().Select(c => $"{c.Path.Name}")));
            if (message is Props props) Sender.Tell(Try(() => Context.ActorOf(props, "c0").Path.Name));
        }

        private static string Try(Func<string> what)
        {
            try
            {
                return what();
            }
            catch (InvalidActorNameException e)
            {
                return e.GetType().Name;
            }
        }
    }

    private sealed class BadHook(IActorRef target) : UntypedActor
    {
        protected override void PreRestart(Exception reason, object message) => throw new InvalidOperationException("hook");

        protected override void PostStop() => throw new InvalidOperationException("hook");

        protected override void OnReceive(object message)
        {
            if (message is "throw") throw new FormatException();
            target.Tell(message);
        }
    }

    /// <summary>Starts another actor when it is too late.</summary>
    private sealed class LateParent(IActorRef target, Props child) : UntypedActor
    {
        protected override void PostStop()
        {
            try
            {
                target.Tell(Context.ActorOf(child));
            }
            catch (InvalidOperationException)
            {
                target.Tell("refused");
            }
        }

        protected override void OnReceive(object message) { }
    }

    private sealed class Counting(ConcurrentQueue<string> stopped) : UntypedActor
    {
        protected override void PostStop() => stopped.Enqueue(Self.Path.Name);

        protected override void OnReceive(object message) { }
    }

    private async Task ExpectAll(params string[] expected)
    {
        foreach (var line in expected) await ExpectMsgAsync(line);
    }

    private Props HookedProps()
    {
        var target = TestActor;
        return Props.Create(() => new Hooked(target));
    }

    [Fact]
    public async Task A_start_constructs_and_calls_PreStart_before_the_first_message()
    {
        Sys.ActorOf(HookedProps()).Tell("a");
        await ExpectAll("constructor", "PreStart", "a");
    }

    [Fact]
    public async Task A_stop_calls_PostStop_after_the_message_being_handled()
    {
        var actor = Sys.ActorOf(HookedProps());
        await WatchAsync(actor);
        Sys.Stop(actor);
        await ExpectAll("constructor", "PreStart", "PostStop");
        await ExpectTerminatedAsync(actor);
    }

    [Fact]
    public async Task A_restart_calls_its_hooks_in_order_and_drops_the_failed_message_alone()
    {
        var actor = Sys.ActorOf(HookedProps());
        actor.Tell("throw");
        actor.Tell("a");
        await ExpectAll("constructor", "PreStart", "PreRestart throw throw", "PostStop", "constructor", "PostRestart throw", "PreStart", "a");
    }

    [Fact]
    public async Task A_restart_keeps_the_address_and_its_incarnation()
    {
        var actor = Sys.ActorOf(HookedProps(), "kept");
        var uid = actor.Path.Uid;
        actor.Tell("throw");
        actor.Tell("a");
        await FishForMessageAsync<string>(text => text == "a");
        Assert.Equal(uid, actor.Path.Uid);
        Assert.NotEqual(0, uid);
    }

    [Fact]
    public async Task A_restart_stops_the_children_before_the_new_instance_starts()
    {
        var child = HookedProps();
        var parent = Sys.ActorOf(Props.Create(() => new Parent(child, 1)));
        await ExpectAll("constructor", "PreStart");
        parent.Tell("throw");
        await ExpectAll("PostStop", "constructor", "PreStart");
    }

    [Fact]
    public async Task A_stop_stops_the_children_first()
    {
        var (child, target) = (HookedProps(), TestActor);
        var parent = Sys.ActorOf(Props.Create(() => new Parent(child, 2)));
        await WatchAsync(parent);
        for (var i = 0; i < 2; i++) await FishForMessageAsync<string>(text => text == "PreStart");
        Sys.Stop(parent);
        await ExpectAll("PostStop", "PostStop");
        await ExpectTerminatedAsync(parent);
    }

    [Fact]
    public async Task Hooks_that_throw_stop_neither_a_restart_nor_a_stop()
    {
        var target = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new BadHook(target)));
        await WatchAsync(actor);
        actor.Tell("throw");
        actor.Tell("a");
        await ExpectMsgAsync("a");
        actor.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(actor);
    }

    [Fact]
    public async Task Names_are_unique_among_siblings_until_the_bearer_has_stopped()
    {
        var child = HookedProps();
        var parent = Sys.ActorOf(Props.Create(() => new Parent(child, 1)), "parent");
        Assert.Equal("c0", await parent.Ask<string>("names"));
        Assert.Equal("InvalidActorNameException", await parent.Ask<string>(child));
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(child, "parent"));
        await parent.GracefulStop(TimeSpan.FromSeconds(60));
        await AwaitAssertAsync(() => Sys.ActorOf(child, "parent"));        // the guardian learns of the end as others do
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public void Names_that_are_no_path_elements_are_refused(string name) =>
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(HookedProps(), name));

    [Fact]
    public void Names_are_generated_where_none_is_given()
    {
        var (first, second) = (Sys.ActorOf(HookedProps()), Sys.ActorOf(HookedProps()));
        Assert.StartsWith("$", first.Path.Name, StringComparison.Ordinal);
        Assert.NotEqual(first.Path.Name, second.Path.Name);
        Assert.NotEqual(first.Path.Uid, second.Path.Uid);
    }

    [Fact]
    public void Paths_name_the_way_from_the_root()
    {
        var actor = Sys.ActorOf(HookedProps(), "a");
        Assert.Equal("akka://test/user/a", actor.Path.ToString());
        Assert.Equal("/user/a", actor.Path.ToStringWithoutAddress());
        Assert.Equal(["user", "a"], actor.Path.Elements);
        Assert.Equal("user", actor.Path.Parent.Name);
        Assert.Equal(actor.Path, actor.Path.Root.Child("user").Child("a"));
        Assert.Equal($"[akka://test/user/a#{actor.Path.Uid}]", actor.ToString());
    }

    [Fact]
    public async Task An_actor_that_stops_starts_no_child_any_more()
    {
        var (target, child) = (TestActor, HookedProps());
        Sys.ActorOf(Props.Create(() => new LateParent(target, child))).Tell(PoisonPill.Instance);
        await ExpectMsgAsync("refused");
    }

    [Fact]
    public async Task Who_starts_actors_while_the_system_ends_leaves_none_alive()
    {
        for (var round = 0; round < 100; round++)
        {
            var system = ActorSystem.Create("ending");
            var (stopped, enough) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
            var started = Task.Run(() =>
            {
                for (var count = 0; ; count++)
                {
                    if (count == 20) enough.SetResult();
                    if (count > 2_000) Thread.Sleep(1);            // where the end is late in coming there must not be millions to stop
                    try
                    {
                        system.ActorOf(Props.Create(() => new Counting(stopped)));
                    }
                    catch (InvalidOperationException)
                    {
                        return count;
                    }
                }
            });
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
            await system.Terminate().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(await started.WaitAsync(TimeSpan.FromSeconds(60)), stopped.Count);
        }
    }

    [Fact]
    public async Task A_system_ends_when_every_actor_has_stopped()
    {
        var ended = new TaskCompletionSource();
        var system = ActorSystem.Create("short");
        system.RegisterOnTermination(ended.SetResult);
        var child = HookedProps();
        system.ActorOf(Props.Create(() => new Parent(child, 1)));
        await FishForMessageAsync<string>(text => text == "PreStart");
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(60));
        await ExpectMsgAsync("PostStop");
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => system.ActorOf(child));
    }
}
