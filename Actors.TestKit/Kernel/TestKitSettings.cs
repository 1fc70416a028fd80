namespace ActorPerf.TestKit;

/// <summary>How long the kit waits: <c>akka.test.*</c> of the system's configuration.</summary>
public class TestKitSettings
{
    internal TestKitSettings(Config config)
    {
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", TimeSpan.FromSeconds(10));
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(10));
        ExpectNoMessageDefault = config.GetTimeSpan("akka.test.expect-no-message-default", TimeSpan.FromMilliseconds(100));
        TestEventFilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", TimeSpan.FromSeconds(10));
        TestTimeFactor = config.GetDouble("akka.test.timefactor", 1);
    }

    /// <summary>For one message. Default 10 s.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>For everything else. Default 10 s.</summary>
    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long there must be silence. Default 100 ms.</summary>
    public TimeSpan ExpectNoMessageDefault { get; }

    /// <summary>For the events of an <c>EventFilter</c>. Default 10 s.</summary>
    public TimeSpan TestEventFilterLeeway { get; }

    /// <summary>Lengthens every wait on slow machines. Default 1.</summary>
    public double TestTimeFactor { get; }
}
