namespace ActorPerf.Tests.TestKit;

/// <summary>A test with a fresh actor system, stopped at its end.</summary>
public abstract class ActorTest : TestKitBase, IDisposable
{
    /// <summary>As long as <see cref="Eventually"/> waits: what comes at all comes in time, however busy the machine is.</summary>
    private static readonly Config Patient = ConfigurationFactory.ParseString(
        "akka.test { single-expect-default = 60s, default-timeout = 60s, filter-leeway = 60s }");

    protected ActorTest() : base(new XunitAssertions(), Patient) { }

    protected ActorTest(Config config) : base(new XunitAssertions(), config.WithFallback(Patient)) { }

    protected ActorTest(ActorSystem system) : base(new XunitAssertions(), system) { }

    public void Dispose()
    {
        Shutdown();
        GC.SuppressFinalize(this);
    }
}
