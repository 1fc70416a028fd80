namespace ActorPerf.Tests.Kernel;

public sealed class StashTests : ActorTest
{
    private sealed class Opening : ReceiveActor, IWithUnboundedStash
    {
        public Opening()
        {
            Receive<string>(text => text == "open", _ =>
            {
                Become(Open);
                Stash.UnstashAll();
            });
            Receive<string>(text => text == "one", _ => BecomeStacked(One));
            Receive<string>(text => text == "twice", _ =>
            {
                Stash.Stash();
                try
                {
                    Stash.Stash();
                }
                catch (IllegalActorStateException)
                {
                    Sender.Tell("refused");
                }
                Stash.ClearStash();
            });
            Receive<string>(text => text == "throw", _ => throw new FormatException());
            ReceiveAny(_ => Stash.Stash());
        }

        public IStash Stash { get; set; } = null!;

        private void Open() => Receive<object>(message => Sender.Tell(message));

        private void One()
        {
            Stash.Unstash();
            Receive<object>(message =>
            {
                Sender.Tell(message);
                UnbecomeStacked();
            });
        }
    }

    private sealed class Small : ReceiveActor, IWithStash
    {
        public Small() => ReceiveAny(message =>
        {
            try
            {
                Stash.Stash();
            }
            catch (StashOverflowException)
            {
                Sender.Tell($"full at {Stash.Count} of {Stash.Capacity}");
            }
        });

        public IStash Stash { get; set; } = null!;
    }

    private sealed class Watching : ReceiveActor, IWithUnboundedStash
    {
        public Watching(IActorRef target)
        {
            Receive<IActorRef>(subject => Context.Watch(subject));
            Receive<string>(text => text == "open", _ =>
            {
                Become(() => Receive<Terminated>(dead => target.Tell(dead.ActorRef)));
                Stash.UnstashAll();
            });
            Receive<string>(text => text == "throw", _ => throw new FormatException());
            Receive<Terminated>(_ =>
            {
                Stash.Stash();
                target.Tell("stashed");
            });
        }

        public IStash Stash { get; set; } = null!;
    }

    private IActorRef Told(IActorRef actor, params object[] messages)
    {
        foreach (var message in messages) actor.Tell(message, TestActor);
        return actor;
    }

    [Fact]
    public async Task Unstashed_messages_come_in_their_order_before_those_in_the_mailbox()
    {
        Told(Sys.ActorOf<Opening>(), 1, 2, 3, "open", 4);
        foreach (var expected in new[] { 1, 2, 3, 4 }) await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task Unstash_takes_the_oldest_alone()
    {
        var actor = Told(Sys.ActorOf<Opening>(), 1, 2, "one", 3);
        await ExpectMsgAsync(1);
        Told(actor, "open");
        await ExpectMsgAsync(2);
        await ExpectMsgAsync(3);
    }

    [Fact]
    public async Task A_message_is_stashed_once()
    {
        Told(Sys.ActorOf<Opening>(), "twice");
        await ExpectMsgAsync("refused");
    }

    [Fact]
    public async Task A_restart_puts_stashed_messages_back_into_the_mailbox()
    {
        Told(Sys.ActorOf<Opening>(), 1, 2, "throw", "open", 3);
        foreach (var expected in new[] { 1, 2, 3 }) await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task A_stashed_Terminated_comes_again_also_after_a_restart()
    {
        var (subject, target) = (Sys.ActorOf<Opening>(), TestActor);
        var watching = Told(Sys.ActorOf(Props.Create(() => new Watching(target))), subject);
        subject.Tell(PoisonPill.Instance);
        await ExpectMsgAsync("stashed");
        Told(watching, "throw");
        await ExpectMsgAsync("stashed");
        Told(watching, "open");
        await ExpectMsgAsync(subject);
    }

    [Fact]
    public async Task A_stopped_actor_s_stash_goes_to_dead_letters()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Told(Sys.ActorOf<Opening>(), 1, 2, PoisonPill.Instance);
        Assert.Equal(1, (await ExpectMsgAsync<DeadLetter>()).Message);
        Assert.Equal(2, (await ExpectMsgAsync<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_bounded_stash_refuses_more_than_it_may_hold()
    {
        Told(Sys.ActorOf(Props.Create(() => new Small()).WithStashCapacity(2)), 1, 2, 3);
        await ExpectMsgAsync("full at 2 of 2");
    }
}
