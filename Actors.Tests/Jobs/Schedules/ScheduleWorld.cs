using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Storage.Memory;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Jobs.Schedules;

/// <summary>Schedules over a node's jobs on one thread; the clock they read can be set, and their store fails as the test says.</summary>
internal sealed class ScheduleWorld
{
    private const int FirstLooks = 200;

    private readonly ActorSimulation _simulation;
    private readonly IReadOnlyList<ConfiguredSchedule> _configured;
    private IActorRef _actor = ActorRefs.Nobody;
    private int _lives;

    public ScheduleWorld(ActorSimulation simulation, params IReadOnlyList<ConfiguredSchedule> configured)
    {
        (_simulation, _configured) = (simulation, configured);
        Jobs = new JobWorld(simulation);
        Time = new SetTime(simulation.Time);
        // From a whole hour on, so that tests count minutes.
        var now = simulation.Time.GetUtcNow();
        simulation.RunFor(TimeSpan.FromHours(1) - TimeSpan.FromTicks(now.UtcTicks % TimeSpan.TicksPerHour));
        Begin = simulation.Time.GetUtcNow();
        Start();
    }

    public JobWorld Jobs { get; }

    /// <summary>A whole hour.</summary>
    public DateTimeOffset Begin { get; }

    public SetTime Time { get; }
    public ShakyScheduleStore Store { get; } = new(new MemoryScheduleStore());
    public ScheduleService Schedules { get; private set; } = null!;

    public static ScheduleDefinition EveryMinute { get; } = new() { Cron = "* * * * *", Task = "held", Overlap = ScheduleOverlap.Queue };

    /// <summary>The node's life ends without a word, and another begins over the same stores.</summary>
    public void Restart(IReadOnlyList<ConfiguredSchedule>? configured = null)
    {
        _simulation.System.Stop(_actor);
        _simulation.RunUntilIdle();
        Start(configured);
    }

    /// <summary>The answer, once the actors have come to it.</summary>
    public T Ask<T>(ValueTask<T> asked)
    {
        var task = asked.AsTask();
        Until(() => task.IsCompleted);
        return JobWorld.Of(task);
    }

    public Schedule Put(ScheduleDefinition definition, string name = "s") =>
        Assert.IsType<ScheduleReply.Done>(Ask(Schedules.PutAsync(Namespace.Default, name, definition, CancellationToken.None))).Schedule;

    public Schedule? Get(string name = "s") => Ask(Schedules.GetAsync(Namespace.Default, name, CancellationToken.None));

    public IReadOnlyList<ScheduleTick> History(string name = "s") => Ask(Schedules.HistoryAsync(Namespace.Default, name, CancellationToken.None))!;

    /// <summary>The schedule's jobs, oldest first.</summary>
    public IReadOnlyList<Job> Made(string name = "s") =>
        [.. Ask(Jobs.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 500 }, CancellationToken.None)).Rows.Where(job => job.Row.Schedule == name).Reverse()];

    /// <summary>Lets time pass second by second; each tick is handled before the next second.</summary>
    public void Pass(TimeSpan time, string name = "s")
    {
        for (var end = _simulation.Time.GetUtcNow() + time; _simulation.Time.GetUtcNow() < end;)
        {
            var failures = Store.Failed;                   // it may fail while the second passes, or later
            _simulation.RunFor(TimeSpan.FromSeconds(1));
            Handle(name, failures);
        }
    }

    /// <summary>Waits until no tick is due, or for a store that fails, until it has failed.</summary>
    public void Handle(string name = "s") => Handle(name, Store.Failed);

    private void Handle(string name, int failures)
    {
        var passes = Passing(FirstLooks);
        Until(() =>
        {
            if (Store.Failed > failures || Get(name) is not { Next: { } next } || next > Time.GetUtcNow()) return true;
            // That a tick came to nothing reaches the actor from another thread. If that is when the second is over, its timer is armed only now, and nobody else lets time pass.
            if (Store.Failed + Jobs.Store.TurnedAway > 0) passes();
            return false;
        });
    }

    /// <summary>Waits while time goes on a little.</summary>
    public void UntilInTime(Func<bool> condition)
    {
        var passes = Passing(firstLooks: 20);
        Until(() =>
        {
            passes();
            return condition();
        });
    }

    /// <summary>Lets a second pass after so many looks, the next one after twice as many: a thread that stands still for long finds seconds left when it
    /// goes on, and there are never so many that another tick comes.</summary>
    private Action Passing(int firstLooks)
    {
        var looks = 0;
        return () =>
        {
            if (++looks < firstLooks) return;
            firstLooks *= 2;
            _simulation.RunFor(TimeSpan.FromSeconds(1));
        };
    }

    public void Until(Func<bool> condition) => Assert.True(
        SpinWait.SpinUntil(
            () =>
            {
                Jobs.Settle();
                return condition();
            },
            TimeSpan.FromSeconds(60)),
        "never came");

    /// <summary>Another node over the same stores, which does not lead.</summary>
    public ScheduleService Follow(IReadOnlyList<ConfiguredSchedule> configured)
    {
        var (_, service) = Node(configured, new NotLeading());
        return service;
    }

    /// <summary>All nodes hear that a schedule changed, so many times.</summary>
    public void TellOfChanges(int count = 1)
    {
        var row = new FeedRow { Place = default, Namespace = "default", Kind = FeedKind.Schedule };
        for (var i = 0; i < count; i++) _simulation.System.EventStream.Publish(new FeedNews.Rows([row]));
    }

    private void Start(IReadOnlyList<ConfiguredSchedule>? configured = null) => (_actor, Schedules) = Node(configured ?? _configured, Leadership.Always);

    private (IActorRef, ScheduleService) Node(IReadOnlyList<ConfiguredSchedule> configured, ILeadership leadership)
    {
        var parts = new ScheduleParts
        {
            Store = Store, Jobs = Jobs.Jobs, Tasks = new TaskCatalog(Jobs.Parts.Tasks.All), Configured = configured, Time = Time, Log = NullLogger.Instance, Leadership = leadership,
        };
        var actor = _simulation.System.ActorOf(Props.Create(() => new ScheduleActor(parts)), $"schedules-{_lives++}");
        Jobs.Settle();
        return (actor, new ScheduleService(actor, parts, () => false));
    }

    private sealed class NotLeading : ILeadership
    {
        public bool Leads => false;
    }

    /// <summary>A clock that can be set, forwards and back; timers do not hear of it.</summary>
    internal sealed class SetTime(TimeProvider time) : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Off;
    }
}

/// <summary>A store of schedules that fails when the test says so: before it wrote, or after.</summary>
internal sealed class ShakyScheduleStore(IScheduleStore inner) : IScheduleStore
{
    private int _failed, _failBefore, _failAfter;

    /// <summary>So many calls fail before they write.</summary>
    public int FailBefore
    {
        get => Volatile.Read(ref _failBefore);
        set => Interlocked.Exchange(ref _failBefore, value);
    }

    /// <summary>So many calls write and then say that they could not.</summary>
    public int FailAfter
    {
        get => Volatile.Read(ref _failAfter);
        set => Interlocked.Exchange(ref _failAfter, value);
    }

    /// <summary>It cannot be read.</summary>
    public bool Away { get; set; }

    public int Reads { get; private set; }

    public int Puts { get; private set; }

    public int Failed => Volatile.Read(ref _failed);

    public async ValueTask<IReadOnlyList<ScheduleRow>> ReadAllAsync(CancellationToken ct)
    {
        Reads++;
        if (Away) throw new StoreUnavailableException();
        return await inner.ReadAllAsync(ct);
    }

    public ValueTask PutAsync(ScheduleRow row, CancellationToken ct)
    {
        Puts++;
        return Shaken(() => inner.PutAsync(row, ct));
    }

    public ValueTask DeleteAsync(Namespace ns, string name, CancellationToken ct) => Shaken(() => inner.DeleteAsync(ns, name, ct));

    public ValueTask AdvanceAsync(IReadOnlyList<ScheduleStep> steps, CancellationToken ct) => Shaken(() => inner.AdvanceAsync(steps, ct));

    public ValueTask<IReadOnlyList<ScheduleTick>> ReadHistoryAsync(Namespace ns, string name, CancellationToken ct) => inner.ReadHistoryAsync(ns, name, ct);

    private async ValueTask Shaken(Func<ValueTask> write)
    {
        if (Takes(ref _failBefore))
        {
            Interlocked.Increment(ref _failed);
            throw new StoreUnavailableException();
        }
        await write();
        if (!Takes(ref _failAfter)) return;
        Interlocked.Increment(ref _failed);
        throw new StoreUnavailableException("Nobody knows.");
    }

    /// <summary>Ticks call from other threads: one that was about to fail must not write over what the test has set meanwhile.</summary>
    private static bool Takes(ref int failures)
    {
        for (var left = Volatile.Read(ref failures); left > 0; left = Volatile.Read(ref failures))
            if (Interlocked.CompareExchange(ref failures, left - 1, left) == left) return true;
        return false;
    }
}
