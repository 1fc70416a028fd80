namespace ActorPerf.Tests.Kernel;

public sealed class StoppingTests : ActorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private sealed class Slow : ReceiveActor
    {
        public Slow(ManualResetEventSlim gate, IActorRef target)
        {
            Receive<string>(text => text == "wait", _ =>
            {
                target.Tell("waiting");
                gate.Wait();
            });
            Receive<string>(text => text == "self", _ => Context.Stop(Self));
            Receive<string>(text => target.Tell(text));
        }
    }

    private (IActorRef, ManualResetEventSlim) Start()
    {
        var (gate, target) = (new ManualResetEventSlim(), TestActor);
        return (Sys.ActorOf(Props.Create(() => new Slow(gate, target))), gate);
    }

    [Fact]
    public async Task A_poison_pill_comes_behind_what_is_queued()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var (actor, gate) = Start();
        await WatchAsync(actor);
        foreach (object message in new object[] { "wait", "a", PoisonPill.Instance, "b" }) actor.Tell(message);
        gate.Set();
        await ExpectMsgAsync("waiting");
        await ExpectMsgAsync("a");
        Assert.Equal("b", (await ExpectMsgAsync<DeadLetter>()).Message);
        await ExpectTerminatedAsync(actor);
    }

    [Fact]
    public async Task Stop_comes_before_what_is_queued()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var (actor, gate) = Start();
        actor.Tell("wait");
        actor.Tell("a");
        await ExpectMsgAsync("waiting");
        Sys.Stop(actor);
        gate.Set();
        var letter = await ExpectMsgAsync<DeadLetter>();
        Assert.Equal(("a", actor), (letter.Message, letter.Recipient));
    }

    [Fact]
    public async Task An_actor_may_stop_itself()
    {
        var (actor, _) = Start();
        await WatchAsync(actor);
        actor.Tell("self");
        actor.Tell("a");
        await ExpectTerminatedAsync(actor);
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_message_to_the_dead_is_a_dead_letter()
    {
        var (actor, _) = Start();
        await actor.GracefulStop(Limit);
        Sys.EventStream.Subscribe(TestActor, typeof(AllDeadLetters));
        actor.Tell("late", TestActor);
        var letter = await ExpectMsgAsync<DeadLetter>();
        Assert.Equal(("late", TestActor, actor), (letter.Message, letter.Sender, letter.Recipient));
    }

    private sealed record Unimportant : IDeadLetterSuppression;

    [Fact]
    public async Task A_suppressed_message_to_the_dead_is_a_letter_of_its_own_kind()
    {
        var (actor, _) = Start();
        await actor.GracefulStop(Limit);
        var everything = CreateTestProbe();
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        Sys.EventStream.Subscribe(everything.Ref, typeof(AllDeadLetters));
        actor.Tell(new Unimportant(), TestActor);
        actor.Tell("late", TestActor);
        Assert.Equal("late", (await ExpectMsgAsync<DeadLetter>()).Message);
        Assert.IsType<Unimportant>((await everything.ExpectMsgAsync<SuppressedDeadLetter>()).Message);
    }

    [Fact]
    public async Task A_message_nobody_handles_is_published_as_unhandled()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var (actor, _) = Start();
        actor.Tell(1, TestActor);
        var unhandled = await ExpectMsgAsync<UnhandledMessage>();
        Assert.Equal((1, TestActor, actor), ((int)unhandled.Message, unhandled.Sender, unhandled.Recipient));
    }

    [Fact]
    public async Task GracefulStop_ends_when_the_actor_has() => Assert.True(await Start().Item1.GracefulStop(Limit));

    [Fact]
    public async Task GracefulStop_of_the_dead_ends_at_once()
    {
        var (actor, _) = Start();
        await actor.GracefulStop(Limit);
        Assert.True(await actor.GracefulStop(Limit));
    }

    [Fact]
    public async Task GracefulStop_gives_up_after_its_time()
    {
        var (actor, gate) = Start();
        actor.Tell("wait");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => actor.GracefulStop(TimeSpan.FromMilliseconds(30)));
        gate.Set();
    }

    [Fact]
    public async Task GracefulStop_may_use_another_message() => Assert.True(await Start().Item1.GracefulStop(Limit, "self"));

    [Fact]
    public async Task A_subscriber_that_has_stopped_is_forgotten()
    {
        var (actor, _) = Start();
        Sys.EventStream.Subscribe(actor, typeof(int));
        await actor.GracefulStop(Limit);
        Sys.EventStream.Publish(1);
        Assert.False(Sys.EventStream.Unsubscribe(actor));
    }

    [Fact]
    public async Task Subscribers_that_have_stopped_are_not_kept_though_no_event_of_theirs_comes()
    {
        var before = Sys.EventStream.Subscriptions;
        for (var i = 0; i < 20; i++)
        {
            var (actor, _) = Start();
            Sys.EventStream.Subscribe(actor, typeof(RarelyHappens));
            Sys.EventStream.Subscribe(actor, typeof(int));
            await actor.GracefulStop(Limit);
        }
        Sys.EventStream.Subscribe(TestActor, typeof(string));
        Assert.Equal(before + 1, Sys.EventStream.Subscriptions);
    }

    private sealed record RarelyHappens;

    [Fact]
    public async Task The_event_stream_tells_subscribers_of_a_type_its_subtypes_and_interfaces_once()
    {
        Assert.True(Sys.EventStream.Subscribe(TestActor, typeof(IFormattable)));
        Assert.False(Sys.EventStream.Subscribe(TestActor, typeof(IFormattable)));
        Sys.EventStream.Subscribe(TestActor, typeof(int));
        Sys.EventStream.Publish(1);
        Sys.EventStream.Publish("no");
        await ExpectMsgAsync(1);
        Assert.True(Sys.EventStream.Unsubscribe(TestActor, typeof(int)));
        Sys.EventStream.Publish(2);
        await ExpectMsgAsync(2);
        Assert.True(Sys.EventStream.Unsubscribe(TestActor));
        Sys.EventStream.Publish(3);
        await ExpectNoMsgAsync(30);
    }
}
