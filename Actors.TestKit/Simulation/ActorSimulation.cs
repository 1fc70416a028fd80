using ActorPerf.Kernel;

namespace ActorPerf.TestKit;

/// <summary>An actor system on one thread: every turn and every timer happens inside <c>Run…</c>, in an order that the seed decides, and so
/// does what goes on after <c>Ask</c>, <c>PipeTo</c> and <c>GracefulStop</c>. The same seed gives the same run as long as the actors leave threads,
/// clocks and chance to the system.</summary>
/// <remarks>A task that ends on another thread (<c>Task.Run</c>, files, the network) is heard of when that thread says so: <see cref="RunUntilIdle"/>
/// may return before, and the seed does not repeat it.</remarks>
public sealed class ActorSimulation : IDisposable
{
    /// <summary>How long, by the clock on the wall, a continuation may be on its way from a thread that is not the simulation's.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SimulationDispatcher _dispatcher;

    /// <param name="seed">Decides every interleaving.</param>
    /// <param name="config">The system's configuration; its dispatchers are all replaced by the simulation's.</param>
    public ActorSimulation(int seed, Config? config = null)
    {
        Seed = seed;
        Random = new Random(seed);
        _dispatcher = new SimulationDispatcher(seed);
        System = ActorSystem.Create("simulation", config ?? Config.Empty, new KernelSetup
        {
            Time = Time,
            Dispatcher = _dispatcher,
            Random = new Random(seed),
        });
    }

    public int Seed { get; }

    /// <summary>Chance for the test's own decisions.</summary>
    public Random Random { get; }

    public ManualTime Time { get; } = new();

    public ActorSystem System { get; }

    /// <summary>Runs until no actor has anything to do; timers do not ring.</summary>
    /// <param name="maxTurns">More turns than this mean that the actors never come to rest.</param>
    public void RunUntilIdle(int maxTurns = 1_000_000)
    {
        for (var turn = 0; _dispatcher.Step(); turn++)
        {
            if (turn == maxTurns) throw new InvalidOperationException($"Seed {Seed}: the actors were still busy after {maxTurns} turns.");
        }
    }

    /// <summary>Lets time pass, timer by timer, running the actors to rest after each.</summary>
    public void RunFor(TimeSpan duration)
    {
        var end = Time.GetUtcNow() + duration;
        RunUntilIdle();
        while (Time.UntilNextTimer is { } wait && Time.GetUtcNow() + wait <= end)
        {
            Time.Advance(wait);
            RunUntilIdle();
        }
        Time.Advance(end - Time.GetUtcNow());
        RunUntilIdle();
    }

    /// <summary>Runs until the task has ended, letting time pass when nobody has anything else to do.</summary>
    public T RunUntil<T>(Task<T> task)
    {
        RunUntil((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="RunUntil{T}(Task{T})"/>
    public void RunUntil(Task task) => RunUntil(task, lettingTimePass: true);

    /// <summary>Runs until the task has ended, while time stands still. For what ends on another thread: with <see cref="RunUntil{T}(Task{T})"/> that
    /// thread would decide how far time goes until then, and no seed would repeat a run.</summary>
    public T RunAtOnce<T>(Task<T> task)
    {
        RunUntil(task, lettingTimePass: false);
        return task.GetAwaiter().GetResult();
    }

    private void RunUntil(Task task, bool lettingTimePass)
    {
        while (!task.IsCompleted)
        {
            if (_dispatcher.Step()) continue;
            if (lettingTimePass && Time.UntilNextTimer is { } wait) Time.Advance(wait);
            else if (!SpinWait.SpinUntil(() => task.IsCompleted || _dispatcher.HasWork, Patience))
            {
                throw new InvalidOperationException($"Seed {Seed}: the task can never end, for nobody has anything to do and no timer is set or may ring.");
            }
        }
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs a scenario under many seeds. The first failure names its seed; <c>ACTORPERF_SEED</c> repeats that one alone.</summary>
    public static void ForEachSeed(int first, int count, Action<ActorSimulation> scenario, Config? config = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        if (int.TryParse(Environment.GetEnvironmentVariable("ACTORPERF_SEED"), out var only)) (first, count) = (only, 1);
        for (var seed = first; seed < first + count; seed++)
        {
            using var simulation = new ActorSimulation(seed, config);
            try
            {
                scenario(simulation);
            }
            catch (Exception e)
            {
                throw new SimulationFailedException(seed, e);
            }
        }
    }

    public void Dispose() => RunUntil(System.Terminate());
}
