using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>The invariants of attempts, back-offs, timeouts and cancels, each under its number.</summary>
[Trait("Kind", "Simulation")]
public sealed class AttemptInvariantTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly Incarnation Node = new(Guid.CreateVersion7());

    [Fact]
    public void INV_16_Attempts_never_exceed_the_maximum_crashes_included()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var row = Row() with { MaxAttempts = random.Next(1, 8) };
            var failed = 0;
            for (var step = 0; step < 200 && !row.State.IsFinal; step++)
            {
                row = Claimed(row);
                var used = row.Attempt - row.Excused;
                Assert.True(used <= row.MaxAttempts && failed < row.MaxAttempts, $"seed {seed}: attempt {used} of {row.MaxAttempts} after {failed} failures");
                JobCommand end = random.Next(5) switch
                {
                    0 => new JobCommand.Lose(row.Run!.Value, random.NextDouble()),
                    1 => new JobCommand.Snooze(row.Run!.Value, TimeSpan.FromSeconds(random.Next(100))),
                    2 => new JobCommand.HandBack(row.Run!.Value),
                    _ => new JobCommand.Fail(row.Run!.Value, new TaskError("x", "y"), random.NextDouble()),
                };
                failed += end is JobCommand.Fail ? 1 : 0;
                row = Moved(row, end);
            }
            Assert.True(row.State != JobState.Failed || failed == row.MaxAttempts || row.Crashes > JobRules.CrashBudget, $"seed {seed}: {row}");
        }
    }

    [Fact]
    public void INV_17_A_job_that_takes_down_its_nodes_ends_whatever_its_retry_policy()
    {
        var row = Row() with { MaxAttempts = 1_000 };
        for (var crash = 1; crash <= JobRules.CrashBudget; crash++)
        {
            row = Moved(Claimed(row), new JobCommand.Lose(default, 0));
            Assert.Equal((JobState.Retrying, crash), (row.State, row.Crashes));
            row = Moved(Claimed(row), new JobCommand.Snooze(default, TimeSpan.FromSeconds(1)));       // a good run in between forgives nothing
        }
        row = Moved(Claimed(row), new JobCommand.Lose(default, 0));
        Assert.Equal((JobState.Failed, "crash-budget"), (row.State, row.Error!.Type));
    }

    [Fact]
    public void INV_18_A_back_off_stays_within_its_policy_over_ten_thousand_attempts()
    {
        var random = new Random(18);
        for (var policy = 0; policy < FullRun.Of(12, 4); policy++)
        {
            var backoff = new BackoffPolicy(
                TimeSpan.FromMilliseconds(random.Next(1, 1_000_000)), 1 + (random.NextDouble() * (policy % 2 == 0 ? 1 : 99)), TimeSpan.FromMilliseconds(random.NextInt64(1, 30L * 86_400_000)));
            var before = 0.0;
            for (var attempt = 1; attempt <= 10_000; attempt++)
            {
                var whole = JobRules.Delay(backoff, attempt, 1).TotalSeconds;
                var jittered = JobRules.Delay(backoff, attempt, random.NextDouble()).TotalSeconds;
                Assert.True(whole > 0 && whole <= backoff.Max.TotalSeconds + 1e-6, $"{backoff}, attempt {attempt}: {whole} s");
                Assert.True(jittered >= (whole / 2) - 1e-6 && jittered <= whole + 1e-6, $"{backoff}, attempt {attempt}: {jittered} s of {whole} s");
                Assert.True(whole >= before - 1e-6, $"{backoff}, attempt {attempt}: {whole} s after {before} s");
                before = whole;
            }
        }
        Assert.Equal(0.5, JobRules.Delay(BackoffPolicy.Default, 1, double.NegativeInfinity).TotalSeconds, 6);
        Assert.Equal(0.5, JobRules.Delay(BackoffPolicy.Default, int.MinValue, -3).TotalSeconds, 6);
        var late = Moved(Claimed(Row() with { MaxAttempts = int.MaxValue }), new JobCommand.Fail(default, new TaskError("x", "y") { RetryAfter = TimeSpan.MaxValue }, 0));
        Assert.Equal(Noon + SubmissionCheck.MaxDelay, late.RunAt);
    }

    [Fact]
    public void INV_19_A_node_that_stops_gives_its_runs_back_and_charges_nothing() => Run(19, world =>
    {
        var job = world.Accepted();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Runs[0].Context.SaveCheckpoint("7"u8.ToArray());
        world.Tracker.Tell(new TrackerCommand.Drain(TimeSpan.Zero, done));
        world.Settle();
        Assert.True(SpinWait.SpinUntil(() => done.Task.IsCompleted, TimeSpan.FromSeconds(60)));
        var row = world.Read(job.Row.Id);
        Assert.Equal((JobState.Queued, 1, 1, 0), (row.Row.State, row.Row.Attempt, row.Row.Excused, row.Row.Crashes));
        Assert.Equal("7"u8.ToArray(), row.Checkpoint!.Value.ToArray());
        world.EndAll();
    });

    [Fact]
    public void INV_20_One_of_cancel_and_completion_wins_and_the_other_is_told() => Race(seeds: 2, races: 150);

    [FullFact]
    public void INV_20_One_of_cancel_and_completion_wins_ten_thousand_times() => Race(seeds: 50, races: 200);

    [Fact]
    public void INV_21_A_cancel_ends_within_the_grace_though_the_code_goes_on() => Run(21, world =>
    {
        var job = world.Accepted();
        var cancelling = world.Jobs.CancelAsync(Namespace.Default, job.Row.Id, default).AsTask();
        world.Settle();
        Assert.Equal(JobState.Cancelling, Assert.IsType<JobOutcome.Done>(JobWorld.Of(cancelling)).Job.Row.State);
        Assert.True(SpinWait.SpinUntil(() => world.Runs[0].Stopped, TimeSpan.FromSeconds(60)), "its token is cancelled at once");
        world.Pass(JobTracker.Grace - TimeSpan.FromSeconds(2));
        Assert.Equal(JobState.Cancelling, world.Read(job.Row.Id).Row.State);
        world.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(JobState.Cancelled, world.Read(job.Row.Id).Row.State);
        Abandoned(world);
        Assert.Equal(JobState.Cancelled, world.Read(job.Row.Id).Row.State);        // its late result changed nothing
    });

    [Fact]
    public void INV_22_A_timeout_ends_the_attempt_though_the_code_goes_on() => Run(22, world =>
    {
        var job = world.Accepted("timed");
        world.Pass(TimeSpan.FromSeconds(11));
        Assert.True(SpinWait.SpinUntil(() => world.Runs[0].Stopped, TimeSpan.FromSeconds(60)), "its token is cancelled");
        Assert.Equal(JobState.Running, world.Read(job.Row.Id).Row.State);
        // One second more than the grace: the next attempt may start by then, and is another run.
        world.Pass(JobTracker.Grace + TimeSpan.FromSeconds(1));
        var row = world.Read(job.Row.Id).Row;
        Assert.Equal("timeout", row.Error!.Type);
        Assert.Contains(JobState.Retrying, world.States(job.Row.Id));
        Abandoned(world);
    });

    /// <summary>The routee of the one run was replaced and counted, until its code ends.</summary>
    private static void Abandoned(JobWorld world)
    {
        var reading = world.Pool.Meter.Read();
        Assert.Equal((JobWorld.Routees, 1, 1L), (reading.Routees, reading.Abandoned, reading.AbandonedEver));
        world.EndAll();
        Assert.True(SpinWait.SpinUntil(() => { world.Settle(); return world.Pool.Meter.Read().Abandoned == 0; }, TimeSpan.FromSeconds(60)));
    }

    private static void Race(int seeds, int races)
    {
        for (var seed = 0; seed < seeds; seed++)
        {
            using var simulation = new ActorSimulation(seed, JobWorld.Config);
            var world = new JobWorld(simulation);
            for (var race = 0; race < races; race++) RaceOnce(world, simulation, $"seed {seed}, race {race}");
            world.AssertPermitsAreBack();
        }
    }

    private static void RaceOnce(JobWorld world, ActorSimulation simulation, string where)
    {
        var id = world.Accepted().Row.Id;
        var run = world.Runs.Single();
        world.Runs.Clear();
        Task<JobOutcome?>? cancelling = null;
        void Cancel() => cancelling = world.Jobs.CancelAsync(Namespace.Default, id, default).AsTask();
        void End() => run.End.TrySetResult("1");
        var (first, second) = simulation.Random.Next(2) == 0 ? ((Action)Cancel, (Action)End) : (End, Cancel);
        first();
        if (simulation.Random.Next(2) == 0) simulation.RunUntilIdle();
        if (simulation.Random.Next(3) == 0) world.Store.Commit();
        if (simulation.Random.Next(3) == 0) simulation.RunUntilIdle();
        second();
        world.Settle();
        var row = world.Read(id).Row;
        var answer = JobWorld.Of(cancelling!);
        Assert.True(row.State is JobState.Succeeded or JobState.Cancelled && row.Attempt == 1, $"{where}: {row}");
        Assert.True(world.States(id).Count(state => state.IsFinal) == 1, $"{where}: {string.Join(", ", world.States(id))}");
        var told = answer switch
        {
            JobOutcome.Done { Job.Row.State: JobState.Cancelled } => row.State == JobState.Cancelled,
            JobOutcome.Done { Job.Row.State: JobState.Cancelling } => true,                                    // the first of the two ends decides
            JobOutcome.Refused { Refusal.Code: "state-conflict" } => row.State == JobState.Succeeded,
            _ => false,
        };
        Assert.True(told, $"{where}: told {answer}, is {row.State}");
    }

    private static void Run(int seed, Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(seed, JobWorld.Config);
        test(new JobWorld(simulation));
    }

    private static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", State = JobState.Queued, RunAt = Noon, CreatedAt = Noon,
    };

    /// <summary>Its time has come, and a node takes it.</summary>
    private static JobRow Claimed(JobRow row)
    {
        var queued = row.State == JobState.Queued ? row : Move(row with { RunAt = Noon }, new JobCommand.Release());
        return Move(queued, new JobCommand.Claim(Node, Guid.NewGuid(), "a"));
    }

    private static JobRow Moved(JobRow row, JobCommand command) => Move(row, command switch
    {
        JobCommand.Lose lose => lose with { Run = row.Run!.Value },
        JobCommand.Snooze snooze => snooze with { Run = row.Run!.Value },
        JobCommand.Fail fail => fail with { Run = row.Run!.Value },
        _ => command,
    });

    private static JobRow Move(JobRow row, JobCommand command) => Assert.IsType<JobDecision.Moved>(JobRules.Decide(row, command, Noon)).Next;
}
