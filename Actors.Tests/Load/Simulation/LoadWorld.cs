using System.Net;
using ActorPerf.Load;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Load.Simulation;

/// <summary>A load tester on virtual time, against a server whose latencies are known.</summary>
internal sealed class LoadWorld : IDisposable
{
    private readonly ActorSimulation _simulation;

    public LoadWorld(LoadScenario scenario, int seed = 1, LoadOptions? options = null, GeneratorReading reading = default)
    {
        // Continuations run where time is moved on, not on threads of a test's context: then the seed decides everything.
        SynchronizationContext.SetSynchronizationContext(null);
        _simulation = new ActorSimulation(seed);
        Server = new KnownServer(_simulation.Time);
        Tests = LoadService.Start(_simulation.System, [scenario], new LoadDeskParts
        {
            Boards = new LoadBoards(),
            Options = options ?? new LoadOptions(),
            Time = _simulation.Time,
            Log = NullLogger.Instance,
            Http = _ => new HttpMessageInvoker(Server, disposeHandler: false),
            Reading = () => reading,
            Seed = seed,
        });
    }

    public LoadService Tests { get; }

    public KnownServer Server { get; }

    public TimeProvider Time => _simulation.Time;

    public static LoadPlan Plan(LoadModel model, TimeSpan time, string scenario = "test") =>
        new() { Scenario = scenario, Host = new Uri("http://127.0.0.1:9"), Model = model, RunTime = time, Seed = 7 };

    /// <summary>A scenario of one kind of user that does one thing.</summary>
    public static LoadScenario Scenario(string wait = "constant(0s)", LoadBody? body = null)
    {
        Assert.True(LoadWait.TryParse(wait, out var read));
        return new LoadScenario("test", "", [new LoadUser("user", 1, read, [new LoadTask("get", 1, [], body ?? GetAsync)])]);
    }

    public static async ValueTask GetAsync(LoadSession session, CancellationToken ct) => await session.GetAsync("/", ct: ct);

    public LoadProgress Start(LoadPlan plan)
    {
        var outcome = Run(Tests.StartAsync(plan, CancellationToken.None).AsTask());
        return Assert.IsType<LoadOutcome.Done>(outcome).Run;
    }

    /// <summary>Runs a plan to its end.</summary>
    public LoadResult Whole(LoadPlan plan)
    {
        var run = Start(plan);
        Pass(plan.RunTime + plan.StopTimeout + TimeSpan.FromSeconds(10));
        return Tests.Result(run.Id) ?? throw new InvalidOperationException("It has not ended.");
    }

    public void Pass(TimeSpan time) => _simulation.RunFor(time);

    /// <summary>Waits for an answer while time stands still: it comes by way of another thread.</summary>
    public T Run<T>(Task<T> task)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (!task.IsCompleted)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(60), "never: an answer");
            _simulation.RunUntilIdle();
            Thread.Yield();
        }
        return task.GetAwaiter().GetResult();
    }

    public void Dispose() => _simulation.Dispose();
}

/// <summary>Answers after a time that a test decides.</summary>
internal sealed class KnownServer(ManualTime time) : HttpMessageHandler
{
    private int _asked;

    /// <summary>How long the n-th request takes that comes at a moment since the start.</summary>
    public Func<int, TimeSpan, TimeSpan> Latency { get; set; } = static (_, _) => TimeSpan.FromMilliseconds(10);

    public Func<int, HttpStatusCode> Status { get; set; } = static _ => HttpStatusCode.OK;

    public string Body { get; set; } = "ok";

    public DateTimeOffset Start { get; } = time.GetUtcNow();

    public int Asked => _asked;

    /// <summary>As the latest request had it.</summary>
    public string? Authorization { get; private set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var number = _asked++;
        Authorization = request.Headers.Authorization?.ToString();
        await DelayAsync(Latency(number, time.GetUtcNow() - Start), cancellationToken).ConfigureAwait(false);
        return new HttpResponseMessage(Status(number)) { Content = new StringContent(Body) };
    }

    /// <summary>Ends where time is moved on or the token is cancelled: <see cref="Task.Delay(TimeSpan, CancellationToken)"/> ends a cancelled wait on another thread.</summary>
    private async Task DelayAsync(TimeSpan wait, CancellationToken ct)
    {
        var over = new TaskCompletionSource();
        using var timer = time.CreateTimer(_ => over.TrySetResult(), null, wait, Timeout.InfiniteTimeSpan);
        using var cancelled = ct.Register(() => over.TrySetCanceled(ct));
        await over.Task.ConfigureAwait(false);
    }
}
