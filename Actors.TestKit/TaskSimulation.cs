namespace ActorPerf.TestKit;

/// <summary>Asynchronous code on one thread and a clock that stands still: every continuation and every timer happens inside <c>Run</c>, in an order that the seed decides.</summary>
public sealed class TaskSimulation
{
    /// <param name="seed">Decides every interleaving.</param>
    public TaskSimulation(int seed)
    {
        Seed = seed;
        Random = new Random(seed);
        Scheduler = new SeededTaskScheduler(seed);
    }

    public int Seed { get; }

    /// <summary>Chance for the test's own decisions.</summary>
    public Random Random { get; }

    public ManualTime Time { get; } = new();

    public SeededTaskScheduler Scheduler { get; }

    /// <summary>Lets virtual time pass, after everything that can be done before.</summary>
    public Task PauseAsync(int milliseconds = 1, CancellationToken ct = default) => PauseAsync(TimeSpan.FromMilliseconds(milliseconds), ct);

    /// <inheritdoc cref="PauseAsync(int, CancellationToken)"/>
    public Task PauseAsync(TimeSpan duration, CancellationToken ct = default) => VirtualPause.For(duration, Time, ct);

    /// <summary>Starts code on the scheduler; it runs inside the next <c>Run</c>.</summary>
    public Task Start(Func<Task> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();

    /// <inheritdoc cref="Start(Func{Task})"/>
    public Task<T> Start<T>(Func<Task<T>> code) => Task.Factory.StartNew(code, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Scheduler).Unwrap();

    /// <summary>Gives turns until nobody has anything to do; timers do not ring.</summary>
    public void RunUntilIdle(int maxTurns = 1_000_000)
    {
        for (var turn = 0; Scheduler.Step(); turn++)
            if (turn == maxTurns) throw new InvalidOperationException($"Seed {Seed}: still busy after {maxTurns} turns.");
    }

    /// <summary>Runs code to its end, letting time pass when nobody has anything else to do.</summary>
    public void Run(Func<Task> code) => Run(Start(code));

    /// <inheritdoc cref="Run(Func{Task})"/>
    public T Run<T>(Func<Task<T>> code)
    {
        var task = Start(code);
        Run(task);
        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run(Func{Task})"/>
    public void Run(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        while (!task.IsCompleted)
        {
            if (Scheduler.Step()) continue;
            if (Time.UntilNextTimer is { } wait) Time.Advance(wait);
            else if (!SpinWait.SpinUntil(() => task.IsCompleted || Scheduler.HasWork, TimeSpan.FromSeconds(60)))    // a continuation may be on its way, from a busy thread pool
                throw new InvalidOperationException($"Seed {Seed}: the task can never end, for nobody has anything to do and no timer is set.");
        }
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a scenario under many seeds. The first failure names its seed; <c>ACTORPERF_SEED</c> repeats that one alone.</summary>
    public static void ForEachSeed(int first, int count, Action<TaskSimulation> scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (int.TryParse(Environment.GetEnvironmentVariable("ACTORPERF_SEED"), out var only)) (first, count) = (only, 1);
        for (var seed = first; seed < first + count; seed++)
        {
            try
            {
                scenario(new TaskSimulation(seed));
            }
            catch (Exception e)
            {
                throw new SimulationFailedException(seed, e);
            }
        }
    }
}
