namespace ActorPerf.Tests.Kernel;

public sealed class DispatcherTests() : ActorTest(Configured)
{
    private static readonly Config Configured = Config.FromPairs(
    [
        new("my-pinned.type", "PinnedDispatcher"),
        new("my-odd.type", "Odd"),
        new("my-mailbox.mailbox-type", "Akka.Dispatch.BoundedMailbox, Akka"),
        new("my-mailbox.mailbox-capacity", "2"),
        new("by-priority.mailbox-type", "My.Actors.UnboundedPriorityMailbox, My.Actors"),
        new("misspelt.mailbox-type", "Akka.Dispatch.UnboundMailbox, Akka"),
        new("unbounded.mailbox-type", "Akka.Dispatch.UnboundedMailbox, Akka"),
        new("for-stash.mailbox-type", "Akka.Dispatch.UnboundedDequeBasedMailbox"),
        new("for-bounded-stash.mailbox-type", "Akka.Dispatch.BoundedDequeBasedMailbox, Akka"),
    ]);

    private sealed class Where : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell((Thread.CurrentThread.IsThreadPoolThread, Environment.CurrentManagedThreadId));
    }

    private sealed class Blocking : ReceiveActor
    {
        public Blocking()
        {
            Receive<ManualResetEventSlim>(gate =>
            {
                Sender.Tell("waits");
                gate.Wait();
            });
            ReceiveAny(message => Sender.Tell(message));
        }
    }

    [Fact]
    public async Task A_pinned_actor_has_a_thread_of_its_own()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Where()).WithDispatcher("my-pinned"));
        var first = await actor.Ask<(bool Pool, int Thread)>("a");
        Assert.False(first.Pool);
        Assert.Equal(first, await actor.Ask<(bool, int)>("b"));
        var other = await Sys.ActorOf(Props.Create(() => new Where()).WithDispatcher("akka.actor.pinned-dispatcher")).Ask<(bool Pool, int Thread)>("a");
        Assert.NotEqual(first.Thread, other.Thread);
        Assert.True(await actor.GracefulStop(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Others_run_on_the_thread_pool() => Assert.True((await Sys.ActorOf<Where>().Ask<(bool Pool, int)>("a")).Pool);

    [Fact]
    public void A_dispatcher_nobody_configured_is_a_configuration_error()
    {
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Props.Create(() => new Where()).WithDispatcher("missing")));
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Props.Create(() => new Where()).WithDispatcher("my-odd")));
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Props.Create(() => new Where()).WithMailbox("missing")));
    }

    [Fact]
    public void A_mailbox_of_an_unknown_type_is_a_configuration_error()
    {
        foreach (var unknown in new[] { "by-priority", "misspelt" })
        {
            var error = Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Props.Create(() => new Where()).WithMailbox(unknown)));
            Assert.Contains("BoundedMailbox", error.Message, StringComparison.Ordinal);
        }
        foreach (var known in new[] { "my-mailbox", "unbounded", "for-stash", "for-bounded-stash" }) Sys.ActorOf(Props.Create(() => new Where()).WithMailbox(known));
    }

    [Fact]
    public async Task A_full_mailbox_that_subscribes_to_dead_letters_loses_them_in_silence()
    {
        using var gate = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Props.Create(() => new Blocking()).WithMailbox("my-mailbox"));
        Sys.EventStream.Subscribe(actor, typeof(DeadLetter));
        actor.Tell(gate, TestActor);
        for (var i = 0; i < 10; i++) actor.Tell(i, TestActor);
        gate.Set();
        await ExpectMsgAsync("waits");
        await ExpectMsgAsync(0);
    }

    [Fact]
    public async Task What_a_bounded_mailbox_cannot_hold_is_a_dead_letter_and_no_sender_waits()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        using var gate = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Props.Create(() => new Blocking()).WithMailbox("my-mailbox"));
        actor.Tell(gate, TestActor);
        await ExpectMsgAsync("waits");
        for (var i = 1; i <= 3; i++) actor.Tell(i, TestActor);
        Assert.Equal(3, (await ExpectMsgAsync<DeadLetter>()).Message);
        gate.Set();
        await ExpectMsgAsync(1);
        await ExpectMsgAsync(2);
        actor.Tell(4, TestActor);
        await ExpectMsgAsync(4);
    }
}
