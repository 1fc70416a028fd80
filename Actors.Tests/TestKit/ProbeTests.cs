namespace ActorPerf.Tests.TestKit;

public sealed class ProbeTests : ActorTest
{
    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message, Self));
    }

    [Fact]
    public void A_probe_sends_receives_replies_and_forwards()
    {
        var echo = Sys.ActorOf(Props.Create(() => new Echo()));
        var probe = CreateTestProbe("probe");
        probe.Send(echo, "a");
        probe.ExpectMsgFrom<string>(echo, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(echo, probe.Sender);

        probe.Ref.Tell("question", TestActor);
        probe.ExpectMsg("question", cancellationToken: TestContext.Current.CancellationToken);
        probe.Reply("answer");
        ExpectMsg("answer", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(probe.Ref, LastSender);

        probe.Forward(echo);
        ExpectMsg("question", cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Probes_have_expectations_of_their_own()
    {
        var (one, other) = (CreateTestProbe(), CreateTestProbe());
        one.Ref.Tell("one");
        other.Ref.Tell("other");
        other.ExpectMsg("other", cancellationToken: TestContext.Current.CancellationToken);
        one.ExpectMsg("one", cancellationToken: TestContext.Current.CancellationToken);
        ExpectNoMsg(10, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_watched_actor_s_end_is_expected()
    {
        var child = ChildActorOf(Props.Create(() => new Echo()), "child", TestContext.Current.CancellationToken);
        Assert.Equal(TestActor.Path, child.Path.Parent);
        Watch(child);
        child.Tell(PoisonPill.Instance);
        ExpectTerminated(child, cancellationToken: TestContext.Current.CancellationToken);
    }
}
