namespace ActorPerf.TestKit;

/// <summary>A test actor beside the test's own, with expectations of its own.</summary>
public class TestProbe : TestKitBase
{
    public TestProbe(ActorSystem system, ITestKitAssertions assertions, string? testProbeName = null) : base(assertions, system, testProbeName) { }

    public IActorRef Ref => TestActor;

    /// <summary>Who sent the message received last.</summary>
    public IActorRef Sender => LastSender;

    /// <summary>Sends with the probe as sender.</summary>
    public void Send(IActorRef actor, object message) => actor.Tell(message, TestActor);

    /// <summary>Answers the message received last.</summary>
    public void Reply(object message) => LastSender.Tell(message, TestActor);

    /// <summary>Passes the message received last on, with its sender.</summary>
    public void Forward(IActorRef actor) => Forward(actor, LastMessage ?? throw new InvalidOperationException("The probe has received nothing to forward."));

    public void Forward(IActorRef actor, object message) => actor.Tell(message, LastSender);
}
