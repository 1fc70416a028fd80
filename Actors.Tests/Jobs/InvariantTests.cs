using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>Invariants that the rules alone keep, or rules and tracker together, each under its number. Those of rows are with the stores.</summary>
[Trait("Kind", "Simulation")]
public sealed class InvariantTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Run Owned = new(new Incarnation(Guid.CreateVersion7()), Guid.NewGuid(), 1);

    /// <summary>The table of states, and none beside it.</summary>
    private static readonly HashSet<(JobState From, JobState To)> Allowed =
    [
        (JobState.Held, JobState.Scheduled), (JobState.Held, JobState.Queued), (JobState.Held, JobState.Failed), (JobState.Held, JobState.Cancelled), (JobState.Held, JobState.Expired),
        (JobState.Scheduled, JobState.Queued), (JobState.Scheduled, JobState.Cancelled), (JobState.Scheduled, JobState.Expired),
        (JobState.Queued, JobState.Running), (JobState.Queued, JobState.Scheduled), (JobState.Queued, JobState.Cancelled), (JobState.Queued, JobState.Expired),
        (JobState.Running, JobState.Succeeded), (JobState.Running, JobState.Failed), (JobState.Running, JobState.Retrying), (JobState.Running, JobState.Scheduled),
        (JobState.Running, JobState.Held), (JobState.Running, JobState.Cancelling), (JobState.Running, JobState.Queued),
        (JobState.Retrying, JobState.Queued), (JobState.Retrying, JobState.Cancelled),
        (JobState.Cancelling, JobState.Succeeded), (JobState.Cancelling, JobState.Cancelled),
    ];

    [Fact]
    public void INV_04_no_command_moves_a_job_out_of_a_final_state()
    {
        foreach (var state in JobStates.All.Where(state => state.IsFinal))
            foreach (var command in Commands())
                Assert.IsNotType<JobDecision.Moved>(JobRules.Decide(Row(state), command, Noon));
    }

    [Fact]
    public void INV_05_only_the_transitions_of_the_table_occur_and_each_of_them_does()
    {
        var met = new HashSet<(JobState, JobState)>();
        foreach (var state in JobStates.All)
            foreach (var row in new[] { Row(state), Row(state) with { MaxAttempts = 1 }, Row(state) with { ExpiresAt = Noon, Attempt = state is JobState.Held or JobState.Scheduled or JobState.Queued ? 0 : 1 }, Row(state) with { RunAt = Noon.AddHours(1) } })
                foreach (var command in Commands())
                {
                    if (JobRules.Decide(row, command, Noon) is not JobDecision.Moved { Next: var next }) continue;
                    Assert.Equal(row.Version + 1, next.Version);
                    if (next.State == row.State) Assert.IsType<JobCommand.Edit>(command);
                    else met.Add((row.State, next.State));
                }
        Assert.Equal(Allowed.Order(), met.Order());
    }

    [Fact]
    public void INV_02_a_submission_whose_commit_failed_leaves_none_and_sent_again_exactly_one()
    {
        using var simulation = new ActorSimulation(3, JobWorld.Config);
        var world = new JobWorld(simulation);
        var id = new JobId(Guid.CreateVersion7());
        var cut = world.Submit(id: id);
        world.Store.Commit(write => write is JobWrite.Submit);
        world.Settle();
        Assert.Throws<StoreUnavailableException>(() => JobWorld.Of(cut));
        Assert.Null(JobWorld.Of(world.Jobs.GetAsync(Namespace.Default, id, CancellationToken.None).AsTask()));

        var (first, second) = (world.Submit(id: id), world.Submit(id: id));
        world.Settle();
        Assert.IsType<SubmitOutcome.Accepted>(JobWorld.Of(first));
        Assert.Equal(id, Assert.IsType<SubmitOutcome.Deduplicated>(JobWorld.Of(second)).Job.Row.Id);
        world.EndAll();
        Assert.Equal(1, world.Began.Values.Sum());
        world.AssertPermitsAreBack();
    }

    [Fact]
    public void INV_27_a_claim_of_the_rules_takes_only_what_is_queued()
    {
        var claim = new JobCommand.Claim(Owned.Owner, Owned.Lease, "n");
        foreach (var state in JobStates.All.Where(state => state != JobState.Queued))
            Assert.IsType<JobDecision.Refused>(JobRules.Decide(Row(state), claim, Noon));
        Assert.IsType<JobDecision.Refused>(JobRules.Decide(Row(JobState.Scheduled) with { RunAt = Noon.AddTicks(1) }, new JobCommand.Release(), Noon));
    }

    private static JobRow Row(JobState state) => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", State = state, RunAt = Noon,
        Attempt = 1, Run = state.IsActive ? Owned : null, FinishedAt = state.IsFinal ? Noon : null,
    };

    /// <summary>Every kind of command, with what makes a difference.</summary>
    private static IEnumerable<JobCommand> Commands() =>
    [
        new JobCommand.Claim(Owned.Owner, Guid.NewGuid(), "n"), new JobCommand.Finish(Owned, false), new JobCommand.Fail(Owned, new TaskError("x", "y"), 0),
        new JobCommand.Fail(Owned, new TaskError("x", "y", Retryable: false), 0), new JobCommand.Snooze(Owned, TimeSpan.FromSeconds(1)), new JobCommand.Park(Owned),
        new JobCommand.Stop(Owned), new JobCommand.HandBack(Owned), new JobCommand.Lose(Owned, 0), new JobCommand.Cancel(), new JobCommand.RunNow(),
        new JobCommand.Edit(7, null, null, null), new JobCommand.Edit(null, null, Noon.AddHours(2), null), new JobCommand.Edit(null, null, Noon.AddHours(-1), null),
        new JobCommand.Unhold(JobState.Queued, null), new JobCommand.Unhold(JobState.Cancelled, null), new JobCommand.Unhold(JobState.Failed, null),
        new JobCommand.Supersede(new JobId(Guid.CreateVersion7())), new JobCommand.Release(), new JobCommand.Expire(),
    ];
}
