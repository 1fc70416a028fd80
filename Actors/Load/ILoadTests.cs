using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>The front door to load tests. One run at a time in a process, for two would measure each other.</summary>
/// <remarks>Runs live in memory while they go on and until <see cref="LoadOptions.Remembered"/> later ones have ended; what is to last is handed over
/// as a <see cref="LoadResult"/> when a run ends.</remarks>
public interface ILoadTests
{
    /// <summary>What can be run: the ready-made scenarios, those of the configuration and those of classes; by name.</summary>
    IReadOnlyList<LoadScenario> Scenarios { get; }

    /// <summary>Says why a plan cannot be run, without running it.</summary>
    /// <returns>Null when it can. Each fault of the refusal points at a member of the plan (<c>/host</c>).</returns>
    Refusal? Check(LoadPlan plan);

    /// <summary>Starts a run and answers at once.</summary>
    /// <returns><see cref="LoadOutcome.Refused"/>: as <c>invalid-request</c> where <see cref="Check"/> says why, as <c>state-conflict</c> while another run goes on.</returns>
    ValueTask<LoadOutcome> StartAsync(LoadPlan plan, CancellationToken ct);

    /// <summary>Runs that are remembered, the latest first; without their history.</summary>
    IReadOnlyList<LoadProgress> Runs { get; }

    /// <summary>How a run stands, at most a second old; null where it is not remembered.</summary>
    LoadProgress? Find(Guid id);

    /// <summary>How a run stands now and then once a second, the last time when it has ended; nothing where it is not remembered.</summary>
    /// <remarks>A slow reader misses what was in between, never the last.</remarks>
    IAsyncEnumerable<LoadProgress> FollowAsync(Guid id, CancellationToken ct);

    /// <summary>What a run measured; null while it goes on, and where it is not remembered.</summary>
    LoadResult? Result(Guid id);

    /// <summary>Ends a run: users finish what they do for at most <see cref="LoadPlan.StopTimeout"/>. Repeats are harmless; null where there is no such run.</summary>
    ValueTask<LoadOutcome?> StopAsync(Guid id, CancellationToken ct);

    /// <summary>Changes a run that goes on. Refused as <c>state-conflict</c> once it has ended; null where there is no such run.</summary>
    ValueTask<LoadOutcome?> EditAsync(Guid id, LoadEdit edit, CancellationToken ct);

    /// <summary>Forgets what a run has measured so far and goes on measuring; its time goes on too. Refused as <c>state-conflict</c> once it has ended; null where there is no such run.</summary>
    ValueTask<LoadOutcome?> ResetAsync(Guid id, CancellationToken ct);
}

/// <summary>What became of a request about a run.</summary>
public abstract record LoadOutcome
{
    private LoadOutcome()
    {
    }

    /// <summary>Done; the run as it stands.</summary>
    public sealed record Done(LoadProgress Run) : LoadOutcome;

    public sealed record Refused(Refusal Refusal) : LoadOutcome;
}

/// <summary>What changes of a run that goes on. What is null stays as it is.</summary>
/// <param name="Users">Users of a closed model from now on; stages that were to come are dropped.</param>
/// <param name="SpawnRate">Users a second that come until there are as many.</param>
/// <param name="Rate">Iterations a time unit of an open model from now on; stages that were to come are dropped.</param>
/// <param name="RunTime">The whole run time, from its start.</param>
public sealed record LoadEdit(int? Users = null, double? SpawnRate = null, double? Rate = null, TimeSpan? RunTime = null);
