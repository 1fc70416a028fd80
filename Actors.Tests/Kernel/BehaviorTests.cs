namespace ActorPerf.Tests.Kernel;

public sealed class BehaviorTests : ActorTest
{
    private sealed class Moody : ReceiveActor
    {
        public Moody()
        {
            Receive<string>(text => text == "stack", _ => BecomeStacked(Busy));
            Receive<string>(text => text == "become", _ => Become(Busy));
            Receive<string>(text => Sender.Tell("calm:" + text));
        }

        private void Busy()
        {
            Receive<string>(text => text == "back", _ => UnbecomeStacked());
            Receive<string>(text => text == "stack", _ => BecomeStacked(() => Receive<string>(text => Sender.Tell("deep:" + text))));
            Receive<string>(text => Sender.Tell("busy:" + text));
        }
    }

    private sealed class Ordered : ReceiveActor
    {
        public Ordered()
        {
            Receive<string>(text => text.Length > 3, text => Sender.Tell("long"));
            Receive<string>(text => text.Length == 3 && Answer("three"));
            Receive<int>(n => Sender.Tell("number"), n => n > 0);
            Receive(typeof(double), n => Sender.Tell("double"));
            Receive<IEnumerable<char>>(text => Sender.Tell("short"));
            ReceiveAny(_ => Sender.Tell("any"));
        }

        private bool Answer(string text)
        {
            Sender.Tell(text);
            return true;
        }
    }

    private sealed class Late : ReceiveActor
    {
        public Late() => Receive<string>(_ =>
        {
            try
            {
                Receive<int>(n => { });
            }
            catch (InvalidOperationException)
            {
                Sender.Tell("refused");
            }
        });
    }

    private sealed class Unreachable : ReceiveActor
    {
        public Unreachable()
        {
            ReceiveAny(_ => { });
            Receive<string>(_ => { });
        }
    }

    private sealed class Plain : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "on") BecomeStacked(next => Answer(next));
            else Sender.Tell("off");
        }

        private void Answer(object message)
        {
            if (message is "off") UnbecomeStacked();
            else Sender.Tell("on");
        }
    }

    private sealed class Layered : UntypedActor
    {
        protected override void OnReceive(object message) => Handle("class", message);

        private void Handle(string layer, object message)
        {
            switch (message)
            {
                case ("stack", string name): BecomeStacked(next => Handle(name, next)); break;
                case ("become", string name): Become(next => Handle(name, next)); break;
                case "back": UnbecomeStacked(); break;
                default: Sender.Tell(layer); break;
            }
        }
    }

    private IActorRef Told(IActorRef actor, params object[] messages)
    {
        foreach (var message in messages) actor.Tell(message, TestActor);
        return actor;
    }

    [Fact]
    public async Task Become_replaces_the_behaviour()
    {
        Told(Sys.ActorOf<Moody>(), "a", "become", "b");
        await ExpectMsgAsync("calm:a");
        await ExpectMsgAsync("busy:b");
    }

    [Fact]
    public async Task Unbecome_goes_back_through_the_stack_to_what_the_class_declares()
    {
        var actor = Told(Sys.ActorOf<Moody>(), "stack", "a", "back", "b", "become", "back", "c");
        foreach (var expected in new[] { "busy:a", "calm:b", "calm:c" }) await ExpectMsgAsync(expected);
        Told(actor, "stack", "stack", "d");
        await ExpectMsgAsync("deep:d");
    }

    [Fact]
    public async Task Become_replaces_the_topmost_behaviour_and_keeps_those_below()
    {
        Told(Sys.ActorOf<Layered>(), ("stack", "a"), ("stack", "b"), ("become", "c"), "who", "back", "who", "back", "who", "back", "who");
        foreach (var expected in new[] { "c", "a", "class", "class" }) await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task The_first_handler_that_accepts_a_message_handles_it()
    {
        Told(Sys.ActorOf<Ordered>(), "long one", "abc", 1, 1.5, "a", -1);
        foreach (var expected in new[] { "long", "three", "number", "double", "short", "any" }) await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task Handlers_are_declared_in_the_constructor_and_inside_Become_only()
    {
        Told(Sys.ActorOf<Late>(), "a");
        await ExpectMsgAsync("refused");
    }

    [Fact]
    public async Task A_handler_behind_one_for_everything_is_refused()
    {
        await WatchAsync(Sys.ActorOf<Unreachable>());
        await ExpectMsgAsync<Terminated>();
    }

    [Fact]
    public async Task An_untyped_actor_stacks_behaviours_too()
    {
        Told(Sys.ActorOf<Plain>(), "a", "on", "a", "off", "a");
        foreach (var expected in new[] { "off", "on", "off" }) await ExpectMsgAsync(expected);
    }
}
