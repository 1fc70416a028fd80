using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs;

public sealed class JobRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Incarnation NodeA = new(Guid.CreateVersion7());
    private static readonly Incarnation NodeB = new(Guid.CreateVersion7());

    [Fact]
    public void A_late_report_is_refused()
    {
        var first = Claimed(Row(), NodeA);
        var lost = Next(first, new JobCommand.Lose(first.Run!.Value, 0));
        var second = Claimed(Next(lost with { RunAt = Noon }, new JobCommand.Release()), NodeB);

        var outcome = JobRules.Decide(second, new JobCommand.Finish(first.Run.Value, false), Noon);

        Assert.Equal("late-report", Assert.IsType<JobDecision.Refused>(outcome).Refusal.Code);
    }

    [Fact]
    public void Owner_lease_and_attempt_must_all_match()
    {
        var row = Claimed(Row(), NodeA);
        var run = row.Run!.Value;
        foreach (var other in new[] { run with { Owner = NodeB }, run with { Lease = Guid.NewGuid() }, run with { Attempt = run.Attempt + 1 } })
            Assert.IsType<JobDecision.Refused>(JobRules.Decide(row, new JobCommand.Finish(other, false), Noon));
        Assert.IsType<JobDecision.Moved>(JobRules.Decide(row, new JobCommand.Finish(run, false), Noon));
    }

    [Fact]
    public void Attempts_end_at_the_maximum_and_lost_nodes_cost_none()
    {
        var row = Row() with { MaxAttempts = 2 };
        row = Next(Claimed(row, NodeA), run => new JobCommand.Lose(run, 0));
        Assert.Equal((JobState.Retrying, 1, 1, 1), (row.State, row.Attempt, row.Excused, row.Crashes));
        row = Next(Claimed(Due(row), NodeA), run => new JobCommand.Fail(run, Boom, 0));
        Assert.Equal(JobState.Retrying, row.State);
        row = Next(Claimed(Due(row), NodeA), run => new JobCommand.Fail(run, Boom, 0));
        Assert.Equal((JobState.Failed, 3), (row.State, row.Attempt));
    }

    [Fact]
    public void The_fourth_lost_node_fails_the_job()
    {
        var row = Row();
        for (var i = 0; i < JobRules.CrashBudget; i++) row = Due(Next(Claimed(row, NodeA), run => new JobCommand.Lose(run, 0)));
        row = Next(Claimed(row, NodeA), run => new JobCommand.Lose(run, 0));
        Assert.Equal((JobState.Failed, "crash-budget"), (row.State, row.Error!.Type));
    }

    [Fact]
    public void At_most_once_fails_with_its_node()
    {
        var row = Next(Claimed(Row() with { WhenLost = WhenLost.Fail }, NodeA), run => new JobCommand.Lose(run, 0));
        Assert.Equal((JobState.Failed, "lost"), (row.State, row.Error!.Type));
    }

    [Fact]
    public void An_error_that_says_so_is_not_tried_again()
    {
        var row = Next(Claimed(Row(), NodeA), run => new JobCommand.Fail(run, Boom with { Retryable = false }, 0));
        Assert.Equal((JobState.Failed, 1), (row.State, row.Attempt));
    }

    [Fact]
    public void A_cancelled_run_ends_cancelled_or_succeeded_and_never_otherwise()
    {
        var running = Next(Claimed(Row(), NodeA), _ => new JobCommand.Cancel());
        Assert.Equal(JobState.Cancelling, running.State);
        Assert.Equal(JobState.Succeeded, Next(running, run => new JobCommand.Finish(run, false)).State);
        Assert.Equal(JobState.Cancelled, Next(running, run => new JobCommand.Fail(run, Boom, 0)).State);
        Assert.Equal(JobState.Cancelled, Next(running, run => new JobCommand.Stop(run)).State);
        Assert.Equal(JobState.Cancelled, Next(running, run => new JobCommand.Lose(run, 0)).State);
        Assert.Equal(JobState.Cancelled, Next(running, run => new JobCommand.HandBack(run)).State);
    }

    [Fact]
    public void A_handed_back_run_is_queued_again_and_costs_no_attempt()
    {
        var row = Next(Claimed(Row(), NodeA), run => new JobCommand.HandBack(run));
        Assert.Equal((JobState.Queued, 1, 1, 0), (row.State, row.Attempt, row.Excused, row.Crashes));
    }

    [Fact]
    public void Final_is_final()
    {
        var run = new Run(NodeA, Guid.NewGuid(), 1);
        JobCommand[] commands =
        [
            new JobCommand.Claim(NodeA, Guid.NewGuid(), "a"), new JobCommand.Finish(run, false), new JobCommand.Fail(run, Boom, 0), new JobCommand.Stop(run),
            new JobCommand.HandBack(run), new JobCommand.Lose(run, 0), new JobCommand.Release(), new JobCommand.Expire(), new JobCommand.Cancel(),
        ];
        foreach (var state in JobStates.All.Where(state => state.IsFinal))
            foreach (var command in commands)
                Assert.False(JobRules.Decide(Row() with { State = state, FinishedAt = Noon }, command, Noon.AddYears(1)) is JobDecision.Moved, $"{command} moved {state}");
    }

    [Fact]
    public void A_claim_meets_an_expired_job_and_expires_it()
    {
        var decision = JobRules.Decide(Row() with { ExpiresAt = Noon }, new JobCommand.Claim(NodeA, Guid.NewGuid(), "a"), Noon);
        Assert.Equal(JobState.Expired, Assert.IsType<JobDecision.Moved>(decision).Next.State);
    }

    [Fact]
    public void A_job_that_started_in_time_expires_no_more()
    {
        var row = Next(Claimed(Row() with { ExpiresAt = Noon.AddMinutes(1) }, NodeA), run => new JobCommand.HandBack(run));
        var late = Noon.AddMinutes(5);
        Assert.IsType<JobDecision.Refused>(JobRules.Decide(row, new JobCommand.Expire(), late));
        Assert.Equal(JobState.Running, Assert.IsType<JobDecision.Moved>(JobRules.Decide(row, new JobCommand.Claim(NodeB, Guid.NewGuid(), "b"), late)).Next.State);
    }

    [Fact]
    public void Every_move_raises_the_version_by_one_and_attempts_rise_only_at_claims()
    {
        // Random walks over all commands, each with a run that matches or does not; the seed is printed by the assertion.
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var row = Row() with { MaxAttempts = random.Next(1, 4), ExpiresAt = random.Next(4) == 0 ? Noon.AddMinutes(random.Next(10)) : null };
            var now = Noon;
            for (var step = 0; step < 40; step++)
            {
                now += TimeSpan.FromSeconds(random.Next(0, 120));
                var run = row.Run is { } own && random.Next(4) > 0 ? own : new Run(NodeB, Guid.NewGuid(), row.Attempt);
                JobCommand command = random.Next(9) switch
                {
                    0 => new JobCommand.Finish(run, false),
                    1 => new JobCommand.Fail(run, Boom, random.NextDouble()),
                    2 => new JobCommand.Stop(run),
                    3 => new JobCommand.HandBack(run),
                    4 => new JobCommand.Lose(run, random.NextDouble()),
                    5 => new JobCommand.Release(),
                    6 => random.Next(5) == 0 ? new JobCommand.Cancel() : new JobCommand.Expire(),
                    _ => new JobCommand.Claim(NodeA, Guid.NewGuid(), "a"),
                };
                if (JobRules.Decide(row, command, now) is not JobDecision.Moved(var next, _)) continue;
                Assert.True(next.Version == row.Version + 1, $"seed {seed}");
                Assert.True(next.Attempt == row.Attempt + (command is JobCommand.Claim && next.State == JobState.Running ? 1 : 0), $"seed {seed}");
                Assert.True(next.State.IsActive == next.Run is not null, $"seed {seed}");
                Assert.True(next.State.IsFinal == next.FinishedAt is not null, $"seed {seed}");
                Assert.True(next.Attempt - next.Excused <= next.MaxAttempts, $"seed {seed}: {next.Attempt} - {next.Excused} of {next.MaxAttempts}");
                row = next;
            }
        }
    }

    [Theory]
    [InlineData(1, 0.0, 0.5)]
    [InlineData(1, 1.0, 1.0)]
    [InlineData(4, 1.0, 8.0)]
    [InlineData(10_000, 1.0, 3600.0)]
    public void The_back_off_doubles_up_to_its_bound(int failures, double jitter, double seconds) =>
        Assert.Equal(seconds, JobRules.Delay(BackoffPolicy.Default, failures, jitter).TotalSeconds, 6);

    [Fact]
    public void A_step_of_priority_is_worth_a_minute()
    {
        Assert.Equal(JobRules.Rank(Row() with { RunAt = Noon, Priority = 5 }), JobRules.Rank(Row() with { RunAt = Noon.AddMinutes(1), Priority = 6 }));
        Assert.True(JobRules.Rank(Row() with { RunAt = Noon, Priority = 9 }) < JobRules.Rank(Row() with { RunAt = Noon, Priority = 0 }));
    }

    private static TaskError Boom { get; } = new("Boom", "it broke");

    private static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()),
        Namespace = Namespace.Default,
        Task = "noop",
        Queue = "default",
        State = JobState.Queued,
        RunAt = Noon,
        CreatedAt = Noon,
    };

    private static JobRow Claimed(JobRow row, Incarnation owner) => Next(row, new JobCommand.Claim(owner, Guid.NewGuid(), "a"));

    private static JobRow Due(JobRow row) => Next(row with { RunAt = Noon }, new JobCommand.Release());

    private static JobRow Next(JobRow row, Func<Run, JobCommand> command) => Next(row, command(row.Run!.Value));

    private static JobRow Next(JobRow row, JobCommand command) => Assert.IsType<JobDecision.Moved>(JobRules.Decide(row, command, Noon)).Next;
}
