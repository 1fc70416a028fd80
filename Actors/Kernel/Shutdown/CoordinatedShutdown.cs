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

    private readonly ActorSystemImpl _system;
    private readonly ShutdownPhases _phases;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Run)>> _tasks = [];
    private Task<Done>? _run;

    internal CoordinatedShutdown(ActorSystemImpl system)
    {
        _system = system;
        _phases = new ShutdownPhases(system.Config);
    }

    /// <summary>Whether <see cref="ActorSystem.Terminate"/> runs it.</summary>
    internal bool IsRunByTerminate => _phases.RunByActorSystemTerminate;

    /// <summary>Why it runs; null before.</summary>
    public Reason? ShutdownReason { get; private set; }

    /// <summary>The sum of the phases' time-outs.</summary>
    public TimeSpan TotalTimeout => _phases.Ordered.Aggregate(TimeSpan.Zero, static (sum, phase) => sum + phase.Timeout);

    public static CoordinatedShutdown Get(ActorSystem sys) => ((ActorSystemImpl)sys).Shutdown;

    /// <summary>Adds a task to a phase. May be called while earlier phases run.</summary>
    /// <exception cref="ArgumentException">There is no such phase, or the task has no name.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        _ = _phases.Find(phase);
        ArgumentException.ThrowIfNullOrEmpty(taskName);
        ArgumentNullException.ThrowIfNull(task);
        lock (_gate)
        {
            if (!_tasks.TryGetValue(phase, out var tasks)) _tasks[phase] = tasks = [];
            tasks.Add((taskName, task));
        }
    }

    /// <summary>Runs all phases, or those from <paramref name="fromPhase"/> on. A second call joins the first. A phase that may not recover
    /// and fails ends it there: the task fails, and the actors live on.</summary>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        var from = fromPhase is null ? null : _phases.Find(fromPhase);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_run is not null) return _run;
            ShutdownReason = reason;
            _run = RunPhasesAsync(started.Task, from is null ? _phases.Ordered : [.. _phases.Ordered.SkipWhile(phase => phase != from)]);
        }
        started.SetResult();               // tasks run outside of the lock
        return _run;
    }

    /// <summary>How long a phase may take: <c>akka.coordinated-shutdown.phases.(phase).timeout</c>, else <c>default-phase-timeout</c>, else 5 s.</summary>
    public TimeSpan Timeout(string phase) => _phases.Find(phase).Timeout;

    private async Task<Done> RunPhasesAsync(Task started, IReadOnlyList<ShutdownPhase> phases)
    {
        await started.ConfigureAwait(false);
        foreach (var phase in phases)
        {
            if (!phase.Enabled) continue;
            try
            {
                await RunPhaseAsync(phase).ConfigureAwait(false);
            }
            catch (Exception e) when (!phase.Recover)
            {
                _system.Log.ShutdownEnded(e, phase.Name);
                throw;
            }
        }
        return Done.Instance;
    }

    /// <summary>Runs the tasks of a phase; the last one then stops the actors, in what is left of its time.</summary>
    private async Task RunPhaseAsync(ShutdownPhase phase)
    {
        var start = _system.Scheduler.MonotonicClock;
        (string Name, Func<Task<Done>> Run)[] tasks;
        lock (_gate) tasks = _tasks.TryGetValue(phase.Name, out var found) ? [.. found] : [];
        if (tasks.Length > 0) await RunTasksAsync(phase, tasks).ConfigureAwait(false);
        if (phase.Name != PhaseActorSystemTerminate || !_phases.TerminateActorSystem) return;
        var left = phase.Timeout - (_system.Scheduler.MonotonicClock - start);
        await StopActorsAsync(phase, left > TimeSpan.Zero ? left : TimeSpan.Zero).ConfigureAwait(false);
    }

    private async Task RunTasksAsync(ShutdownPhase phase, (string Name, Func<Task<Done>> Run)[] tasks)
    {
        var work = Task.WhenAll(tasks.Select(task => RunTaskAsync(phase, task.Name, task.Run)));
        var alarm = new PhaseAlarm();
        using var timer = _system.StartAlarm(alarm, phase.Timeout);
        if (await Task.WhenAny(work, alarm.Rang).ConfigureAwait(false) == work) await work.ConfigureAwait(false);
        else TimedOut(phase);
    }

    /// <summary>Stops every actor and waits for them, but no longer than <paramref name="limit"/>.</summary>
    private async Task StopActorsAsync(ShutdownPhase phase, TimeSpan limit)
    {
        var alarm = new PhaseAlarm();
        using var timer = new Cancelable(_system.Scheduler);
        _system.Scheduler.Advanced.ScheduleOnce(limit, alarm.Ring, timer);         // of the scheduler, which gives it back before anybody hears of the end
        var stopped = _system.StopActors();
        var first = await Task.WhenAny(stopped, alarm.Rang).ConfigureAwait(false);
        timer.Cancel();
        if (first != stopped) TimedOut(phase);
    }

    private void TimedOut(ShutdownPhase phase)
    {
        if (!phase.Recover) throw new TimeoutException($"Phase {phase.Name} of the shutdown did not end within {phase.Timeout}.");
        _system.Log.ShutdownPhaseTimedOut(phase.Name, (long)phase.Timeout.TotalMilliseconds);
    }

    [SuppressMessage("Design", "CA1031", Justification = "One task's failure must not keep the others from ending the process.")]
    private async Task RunTaskAsync(ShutdownPhase phase, string name, Func<Task<Done>> run)
    {
        try
        {
            await run().ConfigureAwait(false);
        }
        catch (Exception e) when (phase.Recover)
        {
            _system.Log.ShutdownTaskFailed(e, phase.Name, name);
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
