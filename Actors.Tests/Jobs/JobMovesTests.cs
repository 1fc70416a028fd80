using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs;

public sealed class JobMovesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Run Lease = new(new Incarnation(Guid.NewGuid()), Guid.NewGuid(), 1);

    [Fact]
    public void The_graph_of_moves_is_what_the_rules_allow()
    {
        var allowed =
            (from state in JobStates.All
             from row in Rows(state)
             from command in Commands()
             let decision = JobRules.Decide(row, command, Noon) as JobDecision.Moved
             where decision is not null && decision.Next.State != state
             select new JobMove(state, decision.Next.State)).ToHashSet();
        Assert.Equal(allowed.Order(Comparer<JobMove>.Create(Compare)), JobMoves.All.Order(Comparer<JobMove>.Create(Compare)));
    }

    /// <summary>Rows that differ in what the rules look at beside the state: times, attempts, lost nodes.</summary>
    private static IEnumerable<JobRow> Rows(JobState state) =>
        from expires in new DateTimeOffset?[] { null, Noon.AddHours(-1) }
        from runAt in new[] { Noon.AddHours(-1), Noon.AddHours(1) }
        from attempt in state is JobState.Held or JobState.Scheduled or JobState.Queued ? new[] { 0, 1, 9 } : [1, 9]
        from whenLost in new[] { WhenLost.Retry, WhenLost.Fail }
        from crashes in new[] { 0, 9 }
        select new JobRow
        {
            Id = new JobId(Guid.NewGuid()), Namespace = Namespace.Default, Task = "t", Queue = "q", State = state, ExpiresAt = expires, RunAt = runAt, Attempt = attempt,
            Crashes = crashes, WhenLost = whenLost, CreatedAt = Noon.AddHours(-2), Run = state.IsActive ? Lease : null, Node = "n",
        };

    private static IEnumerable<JobCommand> Commands() =>
    [
        new JobCommand.Claim(Lease.Owner, Lease.Lease, "n"), new JobCommand.Finish(Lease, false), new JobCommand.Fail(Lease, new TaskError("e", "m"), 0.5),
        new JobCommand.Fail(Lease, new TaskError("e", "m", Retryable: false), 0.5), new JobCommand.Snooze(Lease, TimeSpan.FromSeconds(1)), new JobCommand.Park(Lease), new JobCommand.Stop(Lease),
        new JobCommand.HandBack(Lease), new JobCommand.Lose(Lease, 0.5), new JobCommand.Cancel(), new JobCommand.RunNow(), new JobCommand.Edit(1, null, Noon.AddHours(3), null),
        new JobCommand.Edit(1, null, Noon.AddHours(-3), null), new JobCommand.Unhold(JobState.Queued, null), new JobCommand.Unhold(JobState.Cancelled, null), new JobCommand.Unhold(JobState.Failed, null),
        new JobCommand.Supersede(new JobId(Guid.NewGuid())), new JobCommand.Release(), new JobCommand.Expire(),
    ];

    private static int Compare(JobMove a, JobMove b) => (a.From, a.To).CompareTo((b.From, b.To));
}
