using System.Runtime.CompilerServices;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Load;

/// <summary>Load tests that send nothing: what is asked of them is kept, and a run goes on until the test ends it.</summary>
internal sealed class FakeLoadTests : ILoadTests
{
    private readonly Lock _lock = new();
    private readonly List<LoadProgress> _runs = [];
    private readonly Dictionary<Guid, LoadReport> _ended = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<LoadEdit> Edits { get; } = [];

    public List<LoadPlan> Started { get; } = [];

    public IReadOnlyList<LoadScenario> Scenarios { get; } =
    [
        new("submit", "Submits jobs and waits for none.", [new LoadUser("caller", 1, LoadWait.None, [new LoadTask("submit", 3, ["fast"], Nothing), new LoadTask("look", 1, [], Nothing)])]) { Source = LoadSource.Shipped },
        new("compute", "Computes.", [new LoadUser("caller", 1, LoadWait.None, [new LoadTask("compute", 1, [], Nothing)])]) { Source = LoadSource.Shipped },
    ];

    public IReadOnlyList<LoadProgress> Runs
    {
        get
        {
            lock (_lock) return [.. _runs.OrderByDescending(static run => run.StartedAt)];
        }
    }

    public Refusal? Check(LoadPlan plan)
    {
        var faults = LoadPlanCheck.Faults(plan, Scenarios.FirstOrDefault(scenario => scenario.Name == plan.Scenario), [.. Scenarios.Select(static scenario => scenario.Name)], new LoadOptions());
        return faults.Count == 0 ? null : Refusal.Invalid("invalid-request", faults[0].Message, faults);
    }

    public ValueTask<LoadOutcome> StartAsync(LoadPlan plan, CancellationToken ct)
    {
        if (Check(plan) is { } refusal) return ValueTask.FromResult<LoadOutcome>(new LoadOutcome.Refused(refusal));
        lock (_lock)
        {
            if (_runs.Any(static run => !run.IsFinal)) return ValueTask.FromResult<LoadOutcome>(new LoadOutcome.Refused(new Refusal("state-conflict", "Another run goes on.")));
            Started.Add(plan);
            var run = new LoadProgress { Id = Guid.NewGuid(), Plan = plan with { Key = null, Seed = 7 }, StartedAt = Figures.SampleRun.Start };
            _runs.Add(run);
            return ValueTask.FromResult<LoadOutcome>(new LoadOutcome.Done(run));
        }
    }

    public LoadProgress? Find(Guid id)
    {
        lock (_lock) return _runs.FirstOrDefault(run => run.Id == id);
    }

    public async IAsyncEnumerable<LoadProgress> FollowAsync(Guid id, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var changed = _changed.Task;
            if (Find(id) is not { } run) yield break;
            yield return run;
            if (run.IsFinal) yield break;
            await changed.WaitAsync(ct);
        }
    }

    public LoadResult? Result(Guid id)
    {
        lock (_lock) return _ended.TryGetValue(id, out var report) ? new LoadResult(report.Run, report.Series, report.Jobs) : null;
    }

    public ValueTask<LoadOutcome?> StopAsync(Guid id, CancellationToken ct)
    {
        if (Find(id) is { IsFinal: false }) End(id, LoadState.Stopped);
        return Outcome(id);
    }

    public ValueTask<LoadOutcome?> EditAsync(Guid id, LoadEdit edit, CancellationToken ct)
    {
        if (Find(id) is not { } run) return ValueTask.FromResult<LoadOutcome?>(null);
        if (run.IsFinal) return ValueTask.FromResult<LoadOutcome?>(new LoadOutcome.Refused(new Refusal("state-conflict", "The run has ended.")));
        var faults = LoadPlanCheck.Faults(edit, run.Plan, new LoadOptions());
        if (faults.Count > 0) return ValueTask.FromResult<LoadOutcome?>(new LoadOutcome.Refused(Refusal.Invalid("invalid-request", faults[0].Message, faults)));
        Edits.Add(edit);
        return Outcome(id);
    }

    public ValueTask<LoadOutcome?> ResetAsync(Guid id, CancellationToken ct) => Outcome(id);

    /// <summary>A run with figures that goes on.</summary>
    public Guid Begin()
    {
        var sample = Figures.SampleRun.Report(state: LoadState.Running, id: Guid.NewGuid()).Run;
        lock (_lock) _runs.Add(sample with { FinishedAt = null, Elapsed = TimeSpan.FromSeconds(90), History = [.. sample.History.Take(90)] });
        return sample.Id;
    }

    /// <summary>Ends a run with the sample's figures.</summary>
    public void End(Guid id, LoadState state = LoadState.Finished)
    {
        lock (_lock)
        {
            var at = _runs.FindIndex(run => run.Id == id);
            var sample = Figures.SampleRun.Report(state: state, id: id, start: _runs[at].StartedAt);
            _ended[id] = sample with { Run = sample.Run with { Plan = _runs[at].Plan } };
            _runs[at] = _ended[id].Run;
        }

        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private ValueTask<LoadOutcome?> Outcome(Guid id) => ValueTask.FromResult<LoadOutcome?>(Find(id) is { } run ? new LoadOutcome.Done(run) : null);

    private static ValueTask Nothing(LoadSession session, CancellationToken ct) => ValueTask.CompletedTask;
}

/// <summary>Reports kept in a list.</summary>
internal sealed class FakeLoadReports : ILoadReports
{
    public System.Collections.Concurrent.ConcurrentQueue<LoadReport> Kept { get; } = new();

    public ValueTask KeepAsync(LoadReport report, CancellationToken ct)
    {
        Kept.Enqueue(report);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<LoadLine>> ListAsync(CancellationToken ct) =>
        ValueTask.FromResult<IReadOnlyList<LoadLine>>([.. Kept.Select(static report => LoadLine.Of(report.Run)).OrderByDescending(static line => line.StartedAt)]);

    public ValueTask<LoadReport?> FindAsync(Guid id, CancellationToken ct) => ValueTask.FromResult(Kept.FirstOrDefault(report => report.Run.Id == id));
}

internal static class FakeLoad
{
    /// <summary>Load tests that send nothing and leave no files.</summary>
    public static IServiceCollection AddFakeLoad(this IServiceCollection services)
    {
        services.AddSingleton<FakeLoadTests>().AddSingleton<ILoadTests>(static provider => provider.GetRequiredService<FakeLoadTests>());
        services.AddSingleton<FakeLoadReports>().AddSingleton<ILoadReports>(static provider => provider.GetRequiredService<FakeLoadReports>());
        services.AddSingleton(new LoadOptions());
        return services.AddLoadReports("1.2.3");
    }

    /// <summary>A run that goes on, and two that have ended.</summary>
    public static Guid Fill(IServiceProvider services, string text = "nightly")
    {
        var reports = services.GetRequiredService<FakeLoadReports>();
        for (var i = 1; i <= 2; i++)
        {
            var report = Figures.SampleRun.Report(i == 1 ? null : new LoadModel.Open(40), failed: i == 1 ? 12 : 0, id: new Guid($"0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a1{i}"), start: Figures.SampleRun.Start.AddHours(-i));
            reports.Kept.Enqueue(report with { Run = report.Run with { Plan = report.Run.Plan with { Label = text } } });
        }

        return services.GetRequiredService<FakeLoadTests>().Begin();
    }
}
