using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Kernel;

/// <summary>Ends a process in phases: the tasks of one phase run side by side, the next phase begins when they have ended or run out of time.</summary>
public sealed class CoordinatedShutdown
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private static readonly string[] Phases =
    [
        PhaseBeforeServiceUnbind, PhaseServiceUnbind, PhaseServiceRequestsDone, PhaseServiceStop, PhaseBeforeClusterShutdown,
        PhaseClusterShardingShutdownRegion, PhaseClusterLeave, PhaseClusterExiting, PhaseClusterExitingDone, PhaseClusterShutdown,
        PhaseBeforeActorSystemTerminate, PhaseActorSystemTerminate,
    ];

    private readonly ActorSystemImpl _system;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Run)>> _tasks = [];
    private Task<Done>? _run;

    internal CoordinatedShutdown(ActorSystemImpl system) => _system = system;

    /// <summary>Why it runs; null before.</summary>
    public Reason? ShutdownReason { get; private set; }

    /// <summary>The sum of the phases' time-outs.</summary>
    public TimeSpan TotalTimeout => Phases.Aggregate(TimeSpan.Zero, (sum, phase) => sum + Timeout(phase));

    public static CoordinatedShutdown Get(ActorSystem sys) => ((ActorSystemImpl)sys).Shutdown;

    /// <summary>Adds a task to a phase. May be called while earlier phases run.</summary>
    /// <exception cref="ArgumentException">There is no such phase, or the task has no name.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        CheckPhase(phase);
        ArgumentException.ThrowIfNullOrEmpty(taskName);
        ArgumentNullException.ThrowIfNull(task);
        lock (_gate)
        {
            if (!_tasks.TryGetValue(phase, out var tasks)) _tasks[phase] = tasks = [];
            tasks.Add((taskName, task));
        }
    }

    /// <summary>Runs all phases, or those from <paramref name="fromPhase"/> on. A second call joins the first.</summary>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        if (fromPhase is not null) CheckPhase(fromPhase);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_run is not null) return _run;
            ShutdownReason = reason;
            _run = RunPhases(started.Task, fromPhase is null ? 0 : Array.IndexOf(Phases, fromPhase));
        }
        started.SetResult();               // tasks run outside of the lock
        return _run;
    }

    /// <summary>How long a phase may take: <c>akka.coordinated-shutdown.phases.(phase).timeout</c>, else <c>default-phase-timeout</c>, else 5 s.</summary>
    public TimeSpan Timeout(string phase)
    {
        CheckPhase(phase);
        const string section = "akka.coordinated-shutdown";
        var byDefault = _system.Config.GetTimeSpan($"{section}.default-phase-timeout", TimeSpan.FromSeconds(5));
        var longer = phase is PhaseClusterShardingShutdownRegion or PhaseClusterExiting or PhaseActorSystemTerminate;
        return _system.Config.GetTimeSpan($"{section}.phases.{phase}.timeout", longer ? TimeSpan.FromSeconds(10) : byDefault);
    }

    private static void CheckPhase(string phase)
    {
        if (!Phases.Contains(phase)) throw new ArgumentException($"Unknown phase '{phase}'. Use one of: {string.Join(", ", Phases)}.", nameof(phase));
    }

    private async Task<Done> RunPhases(Task started, int from)
    {
        await started.ConfigureAwait(false);
        for (var i = from; i < Phases.Length; i++) await RunPhaseAsync(Phases[i]).ConfigureAwait(false);
        await StopActorsAsync(PhaseActorSystemTerminate, Timeout(PhaseActorSystemTerminate)).ConfigureAwait(false);
        return Done.Instance;
    }

    /// <summary>Stops every actor and waits for them, but no longer than <paramref name="limit"/>.</summary>
    private async Task StopActorsAsync(string phase, TimeSpan limit)
    {
        var alarm = new PhaseAlarm();
        using var timer = new Cancelable(_system.Scheduler);
        _system.Scheduler.Advanced.ScheduleOnce(limit, alarm.Ring, timer);         // of the scheduler, which gives it back before anybody hears of the end
        var stopped = _system.StopActors();
        if (await Task.WhenAny(stopped, alarm.Rang).ConfigureAwait(false) != stopped) _system.Log.ShutdownPhaseTimedOut(phase, (long)limit.TotalMilliseconds);
        timer.Cancel();
    }

    private async Task RunPhaseAsync(string phase)
    {
        (string Name, Func<Task<Done>> Run)[] tasks;
        lock (_gate) tasks = _tasks.TryGetValue(phase, out var found) ? [.. found] : [];
        if (tasks.Length == 0) return;
        var timeout = Timeout(phase);
        var work = Task.WhenAll(tasks.Select(task => RunTaskAsync(phase, task.Name, task.Run)));
        var alarm = new PhaseAlarm();
        using var timer = _system.StartAlarm(alarm, timeout);
        if (await Task.WhenAny(work, alarm.Rang).ConfigureAwait(false) != work) _system.Log.ShutdownPhaseTimedOut(phase, (long)timeout.TotalMilliseconds);
    }

    [SuppressMessage("Design", "CA1031", Justification = "One task's failure must not keep the others from ending the process.")]
    private async Task RunTaskAsync(string phase, string name, Func<Task<Done>> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _system.Log.ShutdownTaskFailed(e, phase, name);
        }
    }

    private sealed class PhaseAlarm : IAlarmClock
    {
        private readonly TaskCompletionSource _rang = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Rang => _rang.Task;

        public void Ring() => _rang.TrySetResult();
    }

    /// <summary>Why a process ends.</summary>
    public class Reason
    {
        private protected Reason() { }

        public override string ToString() => GetType().Name;
    }

    /// <summary>Nobody said why.</summary>
    public class UnknownReason : Reason
    {
        private UnknownReason() { }

        public static Reason Instance { get; } = new UnknownReason();
    }

    /// <summary>Somebody called <see cref="ActorSystem.Terminate"/>.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        private ActorSystemTerminateReason() { }

        public static Reason Instance { get; } = new ActorSystemTerminateReason();
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        private ClrExitReason() { }

        public static Reason Instance { get; } = new ClrExitReason();
    }
}
