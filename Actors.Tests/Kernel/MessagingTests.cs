namespace ActorPerf.Tests.Kernel;

public sealed class MessagingTests : ActorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private sealed class Collector : ReceiveActor
    {
        public Collector(IActorRef target, int expected)
        {
            var seen = new List<(int Sender, int Number)>();
            Receive<(int Sender, int Number)>(item =>
            {
                seen.Add(item);
                if (seen.Count == expected) target.Tell(seen);
            });
        }
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell((message, Self));
    }

    private sealed class Relay(IActorRef next) : UntypedActor
    {
        protected override void OnReceive(object message) => next.Forward(message);
    }

    private sealed class Overlap : ReceiveActor
    {
        private int _inside;

        public Overlap(IActorRef target) => Receive<int>(n =>
        {
            if (Interlocked.Increment(ref _inside) != 1) target.Tell("overlap");
            if (n == 0) target.Tell("done");
            Interlocked.Decrement(ref _inside);
        });
    }

    [Fact]
    public async Task Messages_of_one_sender_arrive_once_and_in_order()
    {
        const int senders = 4, each = 20_000;
        var target = TestActor;
        var collector = Sys.ActorOf(Props.Create(() => new Collector(target, senders * each)));
        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(() =>
        {
            for (var number = 0; number < each; number++) collector.Tell((sender, number));
        })));
        var seen = await ExpectMsgAsync<List<(int Sender, int Number)>>();
        for (var sender = 0; sender < senders; sender++)
        {
            Assert.Equal(Enumerable.Range(0, each), seen.Where(item => item.Sender == sender).Select(item => item.Number));
        }
    }

    [Fact]
    public async Task An_actor_handles_one_message_at_a_time()
    {
        var target = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new Overlap(target)));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 1; i < 20_000; i++) actor.Tell(i);
        })));
        actor.Tell(0);
        await ExpectMsgAsync("done");
    }

    [Fact]
    public async Task Sender_and_Self_are_those_of_the_message()
    {
        var echo = Sys.ActorOf<Echo>("echo");
        echo.Tell("a", TestActor);
        Assert.Equal(("a", echo), await ExpectMsgAsync<(object, IActorRef)>());
        Assert.Equal(echo, LastSender);
    }

    [Fact]
    public async Task Forward_keeps_the_sender()
    {
        var echo = Sys.ActorOf<Echo>();
        var relay = Sys.ActorOf(Props.Create(() => new Relay(echo)));
        relay.Tell("a", TestActor);
        Assert.Equal(("a", echo), await ExpectMsgAsync<(object, IActorRef)>());
    }

    [Fact]
    public async Task Without_a_sender_answers_go_to_dead_letters()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var echo = Sys.ActorOf<Echo>();
        echo.Tell("a", ActorRefs.NoSender!);
        var letter = await ExpectMsgAsync<DeadLetter>();
        Assert.Equal(("a", echo), ((object, IActorRef))letter.Message);
        Assert.Equal(echo, letter.Sender);
    }

    [Fact]
    public void Null_is_no_message() => Assert.Throws<InvalidMessageException>(() => Sys.ActorOf<Echo>().Tell(null!, TestActor));

    [Fact]
    public async Task A_message_to_nobody_is_forgotten()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AllDeadLetters));
        ActorRefs.Nobody.Tell("a");
        await ExpectNoMsgAsync(50);
    }

    [Fact]
    public void Context_is_known_only_inside_the_actor()
    {
        Assert.Throws<NotSupportedException>(() => Peek.At());
    }

    [Fact]
    public void An_actor_is_not_constructed_with_new() => Assert.Throws<ActorInitializationException>(() => new Echo());

    [Fact]
    public async Task Messages_flow_through_a_mailbox_that_grows_and_shrinks()
    {
        var target = TestActor;
        for (var burst = 1; burst <= 4097; burst *= 4)
        {
            var collector = Sys.ActorOf(Props.Create(() => new Collector(target, burst * 2)));
            for (var i = 0; i < burst * 2; i++) collector.Tell((0, i));
            Assert.Equal(burst * 2, (await ExpectMsgAsync<List<(int, int)>>(Limit)).Count);
        }
    }

    private abstract class Peek : UntypedActor
    {
        public static IActorRef At() => Context.Self;
    }
}
