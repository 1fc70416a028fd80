namespace ActorPerf.Tests.Kernel;

public sealed class AsyncHandlerTests : ActorTest
{
    private sealed class Patient : ReceiveActor
    {
        private readonly IActorRef _target;

        public Patient(Task gate, IActorRef target)
        {
            _target = target;
            ReceiveAsync<string>(async text =>
            {
                var sender = Sender;
                await gate;
                await Task.Yield();
                target.Tell((text, Sender.Equals(sender), Self.Equals(Context.Self)));
                Context.ActorOf<Child>("child-" + text);
                if (text == "fail") throw new FormatException("late");
            });
            Receive<int>(n => target.Tell(n));
        }

        protected override void PostRestart(Exception reason) => _target.Tell(reason);
    }

    private sealed class Child : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Parent(Task gate, IActorRef target) : UntypedActor
    {
        private readonly IActorRef _child = Context.ActorOf(Props.Create(() => new Patient(gate, target)));

        protected override void OnReceive(object message) => _child.Forward(message);
    }

    private sealed class Twice(Task first, Task second) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "go")
            {
                RunTask(() => first);
                RunTask(() => second);
            }
            else
            {
                Sender.Tell(message);
            }
        }
    }

    private readonly TaskCompletionSource _gate = new();

    private IActorRef Start()
    {
        var (gate, target) = (_gate.Task, TestActor);
        return Sys.ActorOf(Props.Create(() => new Parent(gate, target)));
    }

    [Fact]
    public async Task The_mailbox_waits_until_the_handler_has_ended()
    {
        var actor = Start();
        actor.Tell("a", TestActor);
        actor.Tell(1, ActorRefs.NoSender!);
        await ExpectNoMsgAsync(50);
        _gate.SetResult();
        Assert.Equal("a", (await ExpectMsgAsync<(string Text, bool, bool)>()).Text);
        await ExpectMsgAsync(1);
    }

    [Fact]
    public async Task After_an_await_Sender_Self_and_Context_are_the_same()
    {
        var actor = Start();
        actor.Tell("a", TestActor);
        actor.Tell("b", ActorRefs.NoSender!);
        _gate.SetResult();
        Assert.Equal(("a", true, true), await ExpectMsgAsync<(string, bool, bool)>());
        Assert.Equal(("b", true, true), await ExpectMsgAsync<(string, bool, bool)>());
    }

    [Fact]
    public async Task A_handler_that_fails_late_is_the_supervisor_s_case()
    {
        var actor = Start();
        actor.Tell("fail", TestActor);
        actor.Tell(1, ActorRefs.NoSender!);
        _gate.SetResult();
        await ExpectMsgAsync<(string, bool, bool)>();
        Assert.Equal("late", (await ExpectMsgAsync<FormatException>()).Message);
        await ExpectMsgAsync(1);
    }

    [Fact]
    public async Task A_handler_whose_task_has_ended_fails_as_a_plain_one()
    {
        _gate.SetResult();
        Start().Tell("fail", TestActor);
        await ExpectMsgAsync<(string, bool, bool)>();
        await ExpectMsgAsync<FormatException>();
    }

    [Fact]
    public async Task An_actor_can_be_stopped_while_its_handler_awaits()
    {
        var actor = Start();
        await WatchAsync(actor);
        actor.Tell("a", TestActor);
        Sys.Stop(actor);
        await ExpectMsgAsync<Terminated>();
        _gate.SetResult();
        await ExpectNoMsgAsync(50);
    }

    [Fact]
    public async Task Two_tasks_of_one_message_are_both_awaited()
    {
        var (first, second) = (_gate.Task, new TaskCompletionSource());
        var secondTask = second.Task;
        var actor = Sys.ActorOf(Props.Create(() => new Twice(first, secondTask)));
        actor.Tell("go", TestActor);
        actor.Tell("next", TestActor);
        second.SetResult();
        await ExpectNoMsgAsync(30);
        _gate.SetResult();
        await ExpectMsgAsync("next");
    }
}
