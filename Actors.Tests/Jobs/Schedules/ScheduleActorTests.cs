using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs.Schedules;

/// <summary>Schedules on virtual time, with the node's jobs beneath them.</summary>
[Trait("Kind", "Simulation")]
public sealed class ScheduleActorTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void INV_23_each_tick_has_one_job_that_names_its_schedule() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Tags = ["night"], Priority = 7 });
        world.Pass(5 * Minute);
        Assert.Equal([1, 2, 3, 4, 5], Ticks(world));
        Assert.All(world.Made(), job => Assert.Equal(("s", 7, "night"), (job.Row.Schedule, job.Row.Priority, job.Row.Tags.Single())));
        Assert.Equal(world.Made().Select(job => job.Row.Id), world.History().Reverse().Select(tick => tick.Job!.Value));
        Assert.Equal(world.History()[0], world.Get()!.Last);
    });

    [Fact]
    public void INV_23_a_tick_whose_cursor_did_not_become_durable_is_repeated_without_a_second_job() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Store.FailBefore = 2;
        world.Pass(3 * Minute);
        Assert.Equal(2, world.Store.Failed);
        Assert.Equal([1, 2, 3], Ticks(world));
        Assert.Equal(3, world.History().Count);
    });

    [Fact]
    public void INV_23_a_cursor_that_became_durable_unseen_makes_no_second_job() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Store.FailAfter = 2;
        world.Pass(3 * Minute);
        Assert.Equal([1, 2, 3], Ticks(world));
    });

    [Fact]
    public void INV_23_a_life_that_ends_between_submit_and_cursor_leaves_one_job() => Under((world, simulation) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Store.FailBefore = 1;
        simulation.RunFor(Minute);
        world.Until(() => world.Store.Failed == 1);
        Assert.Single(world.Made());
        Assert.Empty(world.History());
        world.Restart();
        world.Handle();
        Assert.Equal([1], Ticks(world));
        Assert.Equal(world.Made().Single().Row.Id, world.History().Single().Job);
    });

    [Fact]
    public void A_store_of_jobs_that_has_no_room_delays_a_tick_and_loses_none() => Under((world, simulation) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Jobs.Store.Full = true;
        simulation.RunFor(Minute + TimeSpan.FromSeconds(20));
        world.Until(() => world.Jobs.Store.TurnedAway > 0);
        Assert.Empty(world.Made());
        world.Jobs.Store.Full = false;
        world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal([1], Ticks(world));
    });

    [Fact]
    public void A_full_queue_delays_the_ticks_of_its_own_schedules_alone() => Under((world, simulation) =>
    {
        world.Jobs.QueueOptions["slow"] = new QueueOptions { MaxWaiting = 1 };
        world.Put(ScheduleWorld.EveryMinute with { Queue = "slow" }, "a");
        world.Put(ScheduleWorld.EveryMinute, "b");
        for (var tick = 1; tick <= 3; tick++)
        {
            simulation.RunFor(world.Begin + (tick * Minute) - simulation.Time.GetUtcNow());
            world.UntilInTime(() => world.Made("b").Count == tick);
        }
        Assert.Single(world.Made("a"));
    });

    [Fact]
    public void A_tick_that_a_full_queue_refuses_leaves_the_job_before_it_at_work() => Under((world, simulation) =>
    {
        world.Jobs.QueueOptions["default"] = new QueueOptions { MaxWaiting = 1 };
        world.Put(ScheduleWorld.EveryMinute with { Overlap = ScheduleOverlap.Cancel });
        world.Pass(Minute);
        var before = Assert.Single(world.Made());
        while (world.Jobs.Parts.Waiting.GetValueOrDefault("default") == 0) world.Jobs.Accepted();
        for (var second = 0; second < 65; second++)
        {
            simulation.RunFor(TimeSpan.FromSeconds(1));
            world.Jobs.Settle();
        }
        Assert.Equal(JobState.Running, world.Jobs.Read(before.Row.Id).Row.State);
        world.Jobs.End(world.Jobs.Runs.First(run => run.Job != before.Row.Id.Value));
        world.UntilInTime(() => world.Made().Count == 2);
        world.Until(() => world.Jobs.Read(before.Row.Id).Row.State == JobState.Cancelling);
    });

    [Fact]
    public void INV_24_what_a_stopped_node_missed_follows_the_policy() => Under((world, simulation) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Misfire = ScheduleMisfire.All, MisfireLimit = 3 });
        world.Time.Off = TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(30);
        world.Restart();
        world.Handle();
        Assert.Equal([7, 8, 9, 10], Ticks(world));
        Assert.Equal(ScheduleOutcome.Skipped, world.History()[^1].Outcome);
        Assert.StartsWith("6 ticks were missed", world.History()[^1].Reason, StringComparison.Ordinal);
    });

    [Fact]
    public void INV_24_a_clock_set_ahead_is_noticed_and_one_set_back_fires_nothing_twice() => Under((world, simulation) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Pass(2 * Minute);
        world.Time.Off = TimeSpan.FromHours(1);
        simulation.RunFor(ScheduleActor.LongestWait);
        world.Handle();
        Assert.Equal([1, 2, 62], Ticks(world));
        world.Time.Off = TimeSpan.Zero;
        world.Pass(3 * Minute);
        Assert.Equal([1, 2, 62], Ticks(world));
        world.Time.Off = TimeSpan.FromHours(1);
        simulation.RunFor(ScheduleActor.LongestWait);
        world.Pass(2 * Minute);
        Assert.Equal(world.Made().Count, world.Made().Select(job => job.Row.Id).Distinct().Count());
        Assert.Equal([1, 2, 62], Ticks(world).Take(3));
        Assert.True(world.Made().Count > 3);
    });

    [Fact]
    public void A_tick_is_skipped_while_the_job_before_it_is_not_final() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Overlap = ScheduleOverlap.Skip });
        world.Pass(3 * Minute);
        var job = Assert.Single(world.Made());
        Assert.Equal([ScheduleOutcome.Submitted, ScheduleOutcome.Skipped, ScheduleOutcome.Skipped], world.History().Reverse().Select(tick => tick.Outcome));
        Assert.Equal($"job {job.Row.Id} of the tick before is running; overlap: skip", world.History()[0].Reason);
        world.Jobs.EndAll();
        world.Pass(Minute);
        Assert.Equal(2, world.Made().Count);
    });

    [Fact]
    public void A_tick_cancels_the_job_before_it() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Overlap = ScheduleOverlap.Cancel });
        world.Pass(2 * Minute);
        Assert.Equal(2, world.Made().Count);
        Assert.Contains(world.Made()[0].Row.State, (JobState[])[JobState.Cancelling, JobState.Cancelled]);
        Assert.Equal(JobState.Running, world.Made()[1].Row.State);
    });

    [Fact]
    public void A_job_starts_later_by_its_jitter() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Jitter = TimeSpan.FromSeconds(40) });
        world.Pass(Minute);
        var (job, tick) = (Assert.Single(world.Made()), world.History().Single());
        var expected = tick.At + ScheduleIds.Jitter(Namespace.Default, "s", tick.At, TimeSpan.FromSeconds(40));
        Assert.Equal(expected.ToUnixTimeMilliseconds(), job.Row.RunAt.ToUnixTimeMilliseconds());
    });

    [Fact]
    public void Ticks_of_a_pause_are_not_missed_ones() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Misfire = ScheduleMisfire.All });
        world.Ask(world.Schedules.PauseAsync(Namespace.Default, "s", true, CancellationToken.None));
        Assert.Null(world.Get()!.Next);
        world.Pass(5 * Minute);
        world.Ask(world.Schedules.PauseAsync(Namespace.Default, "s", false, CancellationToken.None));
        world.Pass(2 * Minute);
        Assert.Equal([6, 7], Ticks(world));
    });

    [Fact]
    public void A_refused_job_is_told_by_its_schedule_and_stops_no_other() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Put(ScheduleWorld.EveryMinute with { Task = "memoised" }, "other");
        world.Restart();
        world.Pass(Minute);
        world.Handle("other");
        Assert.Null(world.Get()!.Error);
        Assert.Single(world.Made("other"));
    }, new ConfiguredSchedule(Namespace.Default, "gone", new ScheduleDefinition { Cron = "* * * * *", Task = "gone" }));

    [Fact]
    public void A_task_that_is_gone_shows_as_the_schedules_error() => Under((world, _) =>
    {
        world.Pass(Minute, "gone");
        var schedule = world.Get("gone")!;
        Assert.Contains("gone", schedule.Error, StringComparison.Ordinal);
        Assert.Equal(ScheduleOutcome.Refused, schedule.Last!.Outcome);
        Assert.StartsWith("unknown-task: ", schedule.Last.Reason, StringComparison.Ordinal);
        Assert.Empty(world.Made("gone"));
    }, new ConfiguredSchedule(Namespace.Default, "gone", new ScheduleDefinition { Cron = "* * * * *", Task = "gone" }));

    [Fact]
    public void A_put_schedule_wins_over_the_configuration_until_it_is_deleted() => Under((world, _) =>
    {
        Assert.False(world.Get()!.IsStored);
        var refused = Assert.IsType<ScheduleReply.Refused>(world.Ask(world.Schedules.DeleteAsync(Namespace.Default, "s", CancellationToken.None)));
        Assert.Equal("state-conflict", refused.Refusal.Code);
        Assert.True(world.Put(ScheduleWorld.EveryMinute with { Paused = true }).IsStored);
        world.Restart();
        Assert.True(world.Get()!.Definition.Paused);
        Assert.IsType<ScheduleReply.Done>(world.Ask(world.Schedules.DeleteAsync(Namespace.Default, "s", CancellationToken.None)));
        Assert.Equal((false, "*/2 * * * *"), (world.Get()!.IsStored, world.Get()!.Definition.Cron));
        world.Restart([]);
        Assert.Null(world.Get());
        Assert.Empty(world.Ask(world.Store.ReadAllAsync(CancellationToken.None)));
    }, new ConfiguredSchedule(Namespace.Default, "s", ScheduleWorld.EveryMinute with { Cron = "*/2 * * * *" }));

    [Fact]
    public void Out_of_turn_a_job_runs_beside_the_ticks() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute with { Paused = true });
        Assert.IsType<SubmitOutcome.Accepted>(world.Ask(world.Schedules.TriggerAsync(Namespace.Default, "s", CancellationToken.None)));
        Assert.Single(world.Made());
        Assert.Empty(world.History());
        Assert.Null(world.Ask(world.Schedules.TriggerAsync(Namespace.Parse("other"), "s", CancellationToken.None)));
    });

    [Fact]
    public void A_change_that_may_be_durable_or_not_is_read_again() => Under((world, simulation) =>
    {
        world.Store.FailAfter = 1;
        var putting = world.Schedules.PutAsync(Namespace.Default, "s", ScheduleWorld.EveryMinute, CancellationToken.None).AsTask();
        world.Until(() => putting.IsCompleted);
        Assert.Throws<StoreUnavailableException>(() => JobWorld.Of(putting));
        Assert.NotNull(world.Get());
        world.Pass(Minute);
        Assert.Equal([1], Ticks(world));
    });

    [Fact]
    public void Nodes_with_different_configurations_leave_each_others_rows_alone() => Under((world, simulation) =>
    {
        var other = world.Follow([new ConfiguredSchedule(Namespace.Default, "s", ScheduleWorld.EveryMinute with { Cron = "0 3 * * *" }), new ConfiguredSchedule(Namespace.Default, "new", ScheduleWorld.EveryMinute)]);
        Assert.Equal(2, world.Store.Puts);
        for (var i = 0; i < 3; i++)
        {
            world.TellOfChanges();
            world.Jobs.Settle();
        }
        Assert.Equal(2, world.Store.Puts);
        Assert.Equal(["old", "s"], world.Ask(world.Schedules.ListAsync(Namespace.Default, null, 10, CancellationToken.None)).Select(schedule => schedule.Name));
        Assert.Equal(["s"], world.Ask(other.ListAsync(Namespace.Default, null, 10, CancellationToken.None)).Select(schedule => schedule.Name));
        world.Pass(2 * Minute);
        Assert.Equal([1, 2], Ticks(world));
    }, new ConfiguredSchedule(Namespace.Default, "s", ScheduleWorld.EveryMinute), new ConfiguredSchedule(Namespace.Default, "old", ScheduleWorld.EveryMinute with { Paused = true }));

    [Fact]
    public void While_the_store_is_away_who_asks_is_told() => Under((world, simulation) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        world.Store.Away = true;
        world.TellOfChanges();
        world.Jobs.Settle();
        Assert.Throws<StoreUnavailableException>(() => world.Get());
        Assert.Throws<StoreUnavailableException>(() => world.Ask(world.Schedules.PauseAsync(Namespace.Default, "s", true, CancellationToken.None)));
        world.Store.Away = false;
        simulation.RunFor(TimeSpan.FromSeconds(1));
        world.Until(() => world.Store.Reads > 0);
        world.Jobs.Settle();
        Assert.NotNull(world.Get());
        world.Pass(Minute);
        Assert.Equal([1], Ticks(world));
    });

    [Fact]
    public void Any_number_of_changes_elsewhere_is_read_once_more() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        var reads = world.Store.Reads;
        world.TellOfChanges(100);
        world.Jobs.Settle();
        Assert.InRange(world.Store.Reads - reads, 1, 2);
    });

    [Fact]
    public void A_pause_keeps_what_another_node_put_a_moment_ago() => Under((world, _) =>
    {
        world.Put(ScheduleWorld.EveryMinute);
        var other = world.Follow([]);
        Assert.IsType<ScheduleReply.Done>(world.Ask(other.PutAsync(Namespace.Default, "s", ScheduleWorld.EveryMinute with { Cron = "0 3 * * *" }, CancellationToken.None)));
        var paused = Assert.IsType<ScheduleReply.Done>(world.Ask(world.Schedules.PauseAsync(Namespace.Default, "s", true, CancellationToken.None)));
        Assert.Equal(("0 3 * * *", true), (paused!.Schedule.Definition.Cron, paused.Schedule.Definition.Paused));
    });

    [Fact]
    public void A_secret_argument_is_shown_as_dots_and_run_as_it_is() => Under((world, _) =>
    {
        var shy = ScheduleWorld.EveryMinute with { Task = "shy", Args = """{"password":"hunter22"}"""u8.ToArray() };
        ReadOnlySpan<byte> dots = """{"password":"•••"}"""u8;
        var shown = world.Put(shy).Definition;
        Assert.Equal(dots, shown.Args.Span);
        Assert.Equal(dots, world.Get()!.Definition.Args.Span);
        Assert.Equal(dots, Assert.Single(world.Ask(world.Schedules.ListAsync(Namespace.Default, null, 10, CancellationToken.None))).Definition.Args.Span);
        var paused = Assert.IsType<ScheduleReply.Done>(world.Ask(world.Schedules.PauseAsync(Namespace.Default, "s", false, CancellationToken.None)));
        Assert.Equal(dots, paused.Schedule.Definition.Args.Span);

        // Read, changed and put back: the dots are not stored in the place of the secret.
        var refused = Assert.IsType<ScheduleReply.Refused>(world.Ask(world.Schedules.PutAsync(Namespace.Default, "s", shown with { Cron = "5 * * * *" }, CancellationToken.None)));
        Assert.Equal("invalid-args", refused.Refusal.Code);
        world.Pass(Minute);
        var id = Assert.Single(world.Made()).Row.Id;
        Assert.Equal(shy.Args.Span, JobWorld.Of(world.Jobs.Store.ReadManyAsync(Namespace.Default, [id], CancellationToken.None).AsTask())[0]!.Args.Span);
    });

    [Fact]
    public void Namespaces_do_not_see_each_other() => Under((world, _) =>
    {
        var other = Namespace.Parse("other");
        world.Put(ScheduleWorld.EveryMinute);
        Assert.Null(world.Ask(world.Schedules.GetAsync(other, "s", CancellationToken.None)));
        Assert.Empty(world.Ask(world.Schedules.ListAsync(other, null, 50, CancellationToken.None)));
        Assert.Null(world.Ask(world.Schedules.HistoryAsync(other, "s", CancellationToken.None)));
        Assert.Null(world.Ask(world.Schedules.DeleteAsync(other, "s", CancellationToken.None)));
        Assert.NotNull(world.Get());
    });

    [Fact]
    public void INV_23_under_stores_that_fail_at_random_each_tick_has_one_job_in_the_end() => UnderFaults(1, 2);

    [FullFact]
    public void INV_23_so_it_is_under_a_hundred_seeds() => UnderFaults(1_000, 100);

    /// <summary>Both stores fail before they write and after, commits are late, lives end in the middle; then the faults end, and no tick may be without its job or have two.</summary>
    private static void UnderFaults(int first, int count) => ActorSimulation.ForEachSeed(first, count, simulation =>
    {
        var world = new ScheduleWorld(simulation);
        var random = new Random(simulation.Seed);
        world.Put(ScheduleWorld.EveryMinute with { Misfire = ScheduleMisfire.All, MisfireLimit = 50 });
        for (var step = 0; step < 150; step++)
        {
            switch (random.Next(12))
            {
                case 0: world.Store.FailBefore = random.Next(3); break;
                case 1: world.Store.FailAfter = random.Next(3); break;
                case 2: world.Restart(); break;
                case 3: world.Jobs.Crash(); break;
                default: world.Jobs.Store.Commit(fails: _ => random.Next(4) == 0, unknown: _ => random.Next(4) == 0); break;
            }
            simulation.RunFor(TimeSpan.FromSeconds(random.Next(1, 8)));
        }
        (world.Store.FailBefore, world.Store.FailAfter) = (0, 0);
        world.Restart();
        world.Until(() => world.Get() is { Next: { } next } && next > world.Time.GetUtcNow());
        var minutes = (int)(simulation.Time.GetUtcNow() - world.Begin).TotalMinutes;
        Assert.Equal(Enumerable.Range(1, minutes), Ticks(world).Order());
        Assert.All(world.History(), tick => Assert.Equal(ScheduleOutcome.Submitted, tick.Outcome));
    }, JobWorld.Config);

    /// <summary>Minutes from the start of those ticks that have a job, by their ids' times.</summary>
    private static IReadOnlyList<int> Ticks(ScheduleWorld world) => [.. world.Made().Select(job => (int)(TimeOf(job.Row.Id) - world.Begin).TotalMinutes)];

    private static DateTimeOffset TimeOf(JobId id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.ToString().Replace("-", "", StringComparison.Ordinal)[..12], System.Globalization.NumberStyles.HexNumber, null));

    private static void Under(Action<ScheduleWorld, ActorSimulation> scenario, params IReadOnlyList<ConfiguredSchedule> configured) =>
        ActorSimulation.ForEachSeed(1, 2, simulation => scenario(new ScheduleWorld(simulation, configured), simulation), JobWorld.Config);
}
