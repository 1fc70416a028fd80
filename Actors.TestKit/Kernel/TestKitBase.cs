using System.Diagnostics;
using System.Linq.Expressions;
using System.Threading.Channels;

namespace ActorPerf.TestKit;

/// <summary>A test with an actor of its own: what that actor is told, the test expects. Waits are in real time, also with a virtual scheduler.</summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private readonly Channel<Envelope> _inbox = Channel.CreateUnbounded<Envelope>(new() { SingleReader = false });
    private readonly ITestKitAssertions _assertions;
    private TimeSpan? _deadline;           // of the innermost Within, on the Now clock
    private Envelope? _last;

    protected TestKitBase(ITestKitAssertions assertions, ActorSystem? system = null, string? testActorName = null)
        : this(assertions, system ?? ActorSystem.Create("test"), testActorName, 0) { }

    protected TestKitBase(ITestKitAssertions assertions, Config config, string? actorSystemName = null, string? testActorName = null)
        : this(assertions, ActorSystem.Create(actorSystemName ?? "test", config), testActorName, 0) { }

    private TestKitBase(ITestKitAssertions assertions, ActorSystem system, string? testActorName, int _)
    {
        _assertions = assertions;
        Sys = system;
        TestKitSettings = new TestKitSettings(((ActorPerf.Kernel.ActorSystemImpl)system).Config);
        TestActor = ((ActorPerf.Kernel.ActorSystemImpl)system).SystemActorOf(
            Props.Create(() => new TestActor(_inbox.Writer)), testActorName is null ? null : testActorName);
    }

    public ActorSystem Sys { get; }

    public IActorRef TestActor { get; }

    public TestKitSettings TestKitSettings { get; }

    /// <summary>Expects log lines and dead letters.</summary>
    public EventFilterFactory EventFilter => new(this);

    public bool HasMessages => _inbox.Reader.TryPeek(out var _);

    /// <summary>The message received last.</summary>
    public object? LastMessage => _last?.Message;

    /// <summary>Who sent the message received last; dead letters before the first.</summary>
    public IActorRef LastSender => _last?.Sender ?? Sys.DeadLetters;

    /// <summary>A reading of the kit's own clock.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>What is left of the innermost <c>Within</c>.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TimeSpan Remaining => _deadline is { } end
        ? Positive(end - Now)
        : throw new InvalidOperationException("Remaining is known inside Within(...) only; use RemainingOrDefault outside.");

    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(TestKitSettings.SingleExpectDefault));

    public IActorRef ActorOf(Props props, string? name) => Sys.ActorOf(props, name);

    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    public IActorRef ActorOf<TActor>() where TActor : ActorPerf.Kernel.ActorBase, new() => Sys.ActorOf(Props.Create<TActor>());

    public IActorRef ActorOf<TActor>(string name) where TActor : ActorPerf.Kernel.ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory) where TActor : ActorPerf.Kernel.ActorBase => Sys.ActorOf(Props.Create(factory));

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name) where TActor : ActorPerf.Kernel.ActorBase =>
        Sys.ActorOf(Props.Create(factory), name);

    public IActorRef ChildActorOf(Props props, CancellationToken cancellationToken = default) =>
        Synchronously(new ValueTask<IActorRef>(SpawnAsync(props, null, cancellationToken)));

    public IActorRef ChildActorOf(Props props, string name, CancellationToken cancellationToken = default) =>
        Synchronously(new ValueTask<IActorRef>(SpawnAsync(props, name, cancellationToken)));

    public Task<IActorRef> ChildActorOfAsync(Props props, CancellationToken cancellationToken = default) => SpawnAsync(props, null, cancellationToken);

    /// <summary>Starts an actor whose parent is the test actor.</summary>
    public Task<IActorRef> ChildActorOfAsync(Props props, string name, CancellationToken cancellationToken = default) =>
        SpawnAsync(props, name, cancellationToken);

    /// <summary>A second test actor with expectations of its own, in the same system.</summary>
    public virtual TestProbe CreateTestProbe(string? name = null) => new(Sys, _assertions, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string? name = null) => new(system, _assertions, name);

    /// <summary>Makes the test actor expect <see cref="Terminated"/>; returns when the watch stands.</summary>
    public IActorRef Watch(IActorRef actorToWatch) => Synchronously(new ValueTask<IActorRef>(WatchAsync(actorToWatch)));

    public Task<IActorRef> WatchAsync(IActorRef actorToWatch) =>
        TestActor.Ask<IActorRef>(new TestActor.Watch(actorToWatch), Dilated(TestKitSettings.DefaultTimeout));

    public IActorRef Unwatch(IActorRef actorToUnwatch) => Synchronously(new ValueTask<IActorRef>(UnwatchAsync(actorToUnwatch)));

    public Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch) =>
        TestActor.Ask<IActorRef>(new TestActor.Unwatch(actorToUnwatch), Dilated(TestKitSettings.DefaultTimeout));

    /// <summary>Messages of which this is true do not reach the test from now on.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) => TestActor.Tell(new TestActor.Ignore(shouldIgnoreMessage));

    public void IgnoreMessages<TMsg>() => IgnoreMessages(static message => message is TMsg);

    public void IgnoreNoMessages() => IgnoreMessages(static _ => false);

    public TimeSpan Dilated(TimeSpan duration) => duration * TestKitSettings.TestTimeFactor;

    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => timeout ?? RemainingOrDefault;

    public TimeSpan RemainingOrDilated(TimeSpan? duration) => duration is { } given ? Dilated(given) : RemainingOrDefault;

    /// <summary>Stops the system and waits for its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time and <paramref name="verifySystemShutdown"/> is set.</exception>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        var ended = Sys.Terminate();
        var limit = duration ?? Dilated(TestKitSettings.DefaultTimeout);
        var first = Synchronously(new ValueTask<Task>(Task.WhenAny(ended, Task.Delay(limit))));
        if (verifySystemShutdown && first != ended) throw new TimeoutException($"The actor system '{Sys.Name}' did not end within {limit}.");
    }

    internal void Check(bool condition, string otherwise) => _assertions.AssertTrue(condition, "{0}", otherwise);

    protected TimeSpan RemainingOr(TimeSpan duration) => _deadline is { } end ? Positive(end - Now) : duration;

    private Task<IActorRef> SpawnAsync(Props props, string? name, CancellationToken cancellationToken) =>
        TestActor.Ask<IActorRef>(new TestActor.Spawn(props, name), Dilated(TestKitSettings.DefaultTimeout), cancellationToken);

    /// <summary>The synchronous forms exist for the API's sake; nothing awaited here needs this thread.</summary>
    private static T Synchronously<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static void Synchronously(Task task) => task.GetAwaiter().GetResult();

    private static TimeSpan Positive(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
