namespace ActorPerf.Tests.TestKit;

/// <summary>A test with a fresh actor system, stopped at its end.</summary>
public abstract class ActorTest : TestKitBase, IDisposable
{
    protected ActorTest() : base(new XunitAssertions()) { }

    protected ActorTest(Config config) : base(new XunitAssertions(), config) { }

    protected ActorTest(ActorSystem system) : base(new XunitAssertions(), system) { }

    public void Dispose()
    {
        Shutdown();
        GC.SuppressFinalize(this);
    }
}
