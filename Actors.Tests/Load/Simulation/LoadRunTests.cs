using System.Net;
using ActorPerf.Load;
using ActorPerf.Load.Figures;

namespace ActorPerf.Tests.Load.Simulation;

/// <summary>Runs begin, change and end as they are told, and always end.</summary>
[Trait("Kind", "Simulation")]
public sealed class LoadRunTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_rate_is_kept_to_the_request()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(30) { TimeUnit = TimeSpan.FromSeconds(1) }, TimeSpan.FromSeconds(10))).Final;
        Assert.Equal(300, final.Total.Count);
        Assert.Equal(300, final.Iterations);
        Assert.Equal(0, final.DroppedIterations);
        Assert.All(final.History.Skip(1).Take(8), static point => Assert.Equal(30, point.RequestsPerSecond, 3));
        Assert.Equal(30, final.Total.PerSecond, 3);
    }

    [Fact]
    public void A_rate_ramps_through_its_stages_and_the_run_ends_with_the_last()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var model = new LoadModel.Open(0) { Stages = [new(TimeSpan.FromSeconds(10), 100), new(TimeSpan.FromSeconds(5), 100), new(TimeSpan.FromSeconds(10), 0)] };
        var final = world.Whole(LoadWorld.Plan(model, Minute)).Final;
        // Two triangles and a block under the line.
        Assert.InRange(final.Total.Count, 1_499, 1_501);
        Assert.InRange(final.Elapsed.TotalSeconds, 25, 25.2);
        Assert.Equal(50, final.History[5].RequestsPerSecond, 6.0);
    }

    [Fact]
    public void Users_follow_their_stages_up_and_down()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(50ms)"));
        var model = new LoadModel.Closed(0, 1) { Stages = [new(TimeSpan.FromSeconds(10), 20), new(TimeSpan.FromSeconds(10), 5)] };
        var final = world.Whole(LoadWorld.Plan(model, Minute)).Final;
        Assert.InRange(final.History[4].Users, 9, 10);
        Assert.InRange(final.History[9].Users, 19, 20);
        Assert.InRange(final.History[14].Users, 12, 13);
        Assert.InRange(final.Elapsed.TotalSeconds, 20, 20.2);
    }

    [Fact]
    public void What_no_user_is_there_for_is_dropped_and_counted()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromSeconds(1);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(100) { MaxUsers = 10, Backlog = 0 }, TimeSpan.FromSeconds(10))).Final;
        Assert.Equal(1_000, final.Iterations + final.DroppedIterations);
        Assert.InRange(final.Iterations, 99, 101);
        Assert.True(final.Health.Saturated);
    }

    [Fact]
    public void The_warm_up_does_not_count()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, at) => TimeSpan.FromMilliseconds(at < TimeSpan.FromSeconds(5) ? 900 : 10);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(10), TimeSpan.FromSeconds(15)) with { WarmUp = TimeSpan.FromSeconds(6) }).Final;
        Assert.InRange(final.Total.Count, 90, 91);
        Assert.InRange(final.Total.Service.Max.TotalMilliseconds, 10, 11);
        Assert.Equal(9, final.Measured.TotalSeconds, 0.01);
        Assert.True(final.History[2].ServiceMedian > TimeSpan.FromMilliseconds(800));
    }

    [Fact]
    public void So_many_requests_and_no_more()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(7, 100), Minute) with { MaxRequests = 100 }).Final;
        Assert.Equal(100, world.Server.Asked);
        Assert.Equal(100, final.Total.Count);
        Assert.Equal(LoadState.Finished, final.State);
        Assert.True(final.Elapsed < TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData(30L, null, 30)]
    [InlineData(null, 5L, 20)]
    public void Iterations_are_shared_or_each_users_own(long? all, long? each, int expected)
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(4, 10) { Iterations = all, IterationsPerUser = each }, Minute)).Final;
        Assert.Equal(expected, final.Iterations);
        Assert.Equal(LoadState.Finished, final.State);
        Assert.True(final.Elapsed < TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_run_that_is_stopped_lets_users_finish_and_then_cuts_them_off()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (number, _) => TimeSpan.FromSeconds(number == 0 ? 3_000 : 1);
        var run = world.Start(LoadWorld.Plan(new LoadModel.Closed(2, 100), TimeSpan.FromMinutes(50)) with { RequestTimeout = TimeSpan.FromHours(1) });
        world.Pass(TimeSpan.FromSeconds(10));
        var outcome = world.Run(world.Tests.StopAsync(run.Id, CancellationToken.None).AsTask());
        Assert.Equal(LoadState.Stopping, Assert.IsType<LoadOutcome.Done>(outcome).Run.State);
        world.Pass(TimeSpan.FromSeconds(6));
        var final = world.Tests.Result(run.Id)!.Final;
        Assert.Equal(LoadState.Stopped, final.State);
        Assert.Equal(15, final.Elapsed.TotalSeconds, 0.5);
        Assert.Equal(0, final.Busy);
        Assert.Equal(0, final.Total.Failures);
        // A repeat is harmless; a change is refused; the next run may start.
        Assert.IsType<LoadOutcome.Done>(world.Run(world.Tests.StopAsync(run.Id, CancellationToken.None).AsTask()));
        var edited = world.Run(world.Tests.EditAsync(run.Id, new LoadEdit(Users: 5), CancellationToken.None).AsTask());
        Assert.Equal("state-conflict", Assert.IsType<LoadOutcome.Refused>(edited).Refusal.Code);
        var next = world.Start(LoadWorld.Plan(new LoadModel.Closed(1, 1), Minute));
        world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(LoadState.Running, world.Tests.Find(next.Id)!.State);
    }

    [Fact]
    public void The_next_run_may_start_the_moment_the_last_one_has_ended()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(100ms)"));
        for (var i = 0; i < 5; i++)
        {
            // No time passes between the two, so that the desk hears of the last one's end when the next one has begun.
            var run = world.Start(LoadWorld.Plan(new LoadModel.Closed(3, 1_000) { Iterations = 3 }, Minute));
            world.Pass(TimeSpan.FromMilliseconds(200));
            var final = world.Tests.Result(run.Id)!.Final;
            Assert.Equal((LoadState.Finished, 3L), (final.State, final.Iterations));
        }
    }

    [Fact]
    public void Users_and_rates_change_while_running()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(100ms)"));
        var run = world.Start(LoadWorld.Plan(new LoadModel.Closed(10, 10), Minute));
        world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(10, world.Tests.Find(run.Id)!.Users);
        world.Run(world.Tests.EditAsync(run.Id, new LoadEdit(Users: 30, SpawnRate: 10), CancellationToken.None).AsTask());
        world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(30, world.Tests.Find(run.Id)!.Users);
        world.Run(world.Tests.EditAsync(run.Id, new LoadEdit(Users: 3, RunTime: TimeSpan.FromSeconds(20)), CancellationToken.None).AsTask());
        world.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(3, world.Tests.Find(run.Id)!.Users);
        var refused = world.Run(world.Tests.EditAsync(run.Id, new LoadEdit(Rate: 3), CancellationToken.None).AsTask());
        Assert.Equal("invalid-request", Assert.IsType<LoadOutcome.Refused>(refused).Refusal.Code);
        world.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(20, world.Tests.Result(run.Id)!.Final.Elapsed.TotalSeconds, 0.5);

        run = world.Start(LoadWorld.Plan(new LoadModel.Open(10), Minute));
        world.Pass(TimeSpan.FromSeconds(5));
        world.Run(world.Tests.EditAsync(run.Id, new LoadEdit(Rate: 40), CancellationToken.None).AsTask());
        world.Pass(TimeSpan.FromSeconds(5));
        Assert.InRange(world.Tests.Find(run.Id)!.Total.Count, 240, 252);
    }

    [Fact]
    public void A_reset_forgets_the_figures_and_keeps_the_history()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var run = world.Start(LoadWorld.Plan(new LoadModel.Open(10), Minute));
        world.Pass(TimeSpan.FromSeconds(10.5));
        var outcome = world.Run(world.Tests.ResetAsync(run.Id, CancellationToken.None).AsTask());
        Assert.Equal(0, Assert.IsType<LoadOutcome.Done>(outcome).Run.Total.Count);
        world.Pass(TimeSpan.FromSeconds(10));
        var now = world.Tests.Find(run.Id)!;
        Assert.InRange(now.Total.Count, 94, 101);
        Assert.Equal(10, now.Total.PerSecond, 1.0);
        Assert.Equal(20, now.History.Count);
    }

    [Fact]
    public void A_threshold_that_fails_ends_the_run_when_it_says_so()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Status = static number => number > 50 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
        var failed = LoadThreshold.Parse("http_req_failed:rate<0.1", out _)! with { AbortOnFail = true, DelayAbort = TimeSpan.FromSeconds(2) };
        var fast = LoadThreshold.Parse("http_req_duration:p(95)<100", out _)!;
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(10), Minute) with { Thresholds = [failed, fast] }).Final;
        Assert.Equal(LoadState.Aborted, final.State);
        Assert.Contains("http_req_failed:rate<0.1", final.Fault, StringComparison.Ordinal);
        Assert.Equal([false, true], final.Thresholds.Select(static outcome => outcome.Holds));
        Assert.InRange(final.Elapsed.TotalSeconds, 5, 8);
        var failure = Assert.Single(final.Failures);
        Assert.Equal("status 503", failure.Error);
        Assert.Equal(final.Total.Failures, failure.Count);
    }

    [Fact]
    public void What_an_iteration_throws_is_counted_and_ends_nothing()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)", static (session, _) => session.Iteration % 2 == 0 ? throw new InvalidOperationException("of the test") : default));
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(2, 10), TimeSpan.FromSeconds(9.5))).Final;
        var exception = Assert.Single(final.Exceptions);
        Assert.Equal(("get", "InvalidOperationException: of the test"), (exception.Name, exception.Error));
        Assert.Equal(10, exception.Count);
        Assert.Equal(20, final.Iterations);
    }

    [Fact]
    public void An_answer_that_does_not_come_is_a_failure()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromHours(1);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(10)) with { RequestTimeout = TimeSpan.FromSeconds(3) }).Final;
        Assert.Equal("no answer within 3s", Assert.Single(final.Failures).Error);
        Assert.InRange(final.Total.Failures, 3, 4);
    }

    [Fact]
    public void A_run_that_no_answer_came_to_has_measured_nothing_and_not_passed()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromHours(1);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(5, 100), TimeSpan.FromSeconds(10))).Final;
        Assert.Equal(LoadVerdict.Broken, LoadVerdicts.Of(final));
        Assert.Equal((5L, 5L), (final.InterruptedIterations, final.UnansweredRequests));
        Assert.Equal(15, final.LongestUnanswered.TotalSeconds, 0.1);
        Assert.Contains("5 requests had no answer", Assert.Single(final.Health.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_hangs_at_the_end_is_counted_apart_and_warned_of()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, at) => at < TimeSpan.FromSeconds(8.95) ? TimeSpan.FromMilliseconds(10) : TimeSpan.FromHours(1);
        var thresholds = new[] { "interrupted_iterations:count==0", "response_time:p(99)<100" }.Select(static text => LoadThreshold.Parse(text, out _)!).ToList();
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(10), TimeSpan.FromSeconds(10)) with { Thresholds = thresholds }).Final;
        Assert.Equal((90L, 10L, 10L), (final.Iterations, final.InterruptedIterations, final.UnansweredRequests));
        Assert.Equal([false, true], final.Thresholds.Select(static outcome => outcome.Holds));
        Assert.Contains("10 requests had no answer", Assert.Single(final.Health.Warnings), StringComparison.Ordinal);
        Assert.Equal(10, final.Measured.TotalSeconds, 0.01);
    }

    [Fact]
    public void An_iteration_never_waits_for_a_user_that_is_busy_while_another_may_come()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromSeconds(1);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(10), TimeSpan.FromSeconds(5))).Final;
        Assert.Equal((50L, 0L), (final.Iterations, final.LateIterations));
        Assert.Equal(1, final.Total.Response.Max.TotalSeconds, 0.02);
    }

    [Fact]
    public void An_iteration_that_came_to_a_user_who_never_got_ready_is_dropped()
    {
        var scenario = LoadWorld.Scenario();
        using var world = new LoadWorld(scenario with { Users = [scenario.Users[0] with { OnStart = LoadWorld.GetAsync }] });
        world.Server.Latency = static (_, _) => TimeSpan.FromHours(1);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(1), TimeSpan.FromSeconds(5))).Final;
        Assert.Equal((0L, 5L, 5L), (final.Iterations, final.DroppedIterations, final.UnansweredRequests));
    }

    [Fact]
    public void A_user_sends_one_request_at_a_time()
    {
        using var world = new LoadWorld(LoadWorld.Scenario(body: static async (session, ct) => await Task.WhenAll(session.GetAsync("/", ct: ct).AsTask(), session.GetAsync("/", ct: ct).AsTask())));
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1) { Iterations = 3 }, TimeSpan.FromSeconds(5))).Final;
        Assert.StartsWith("InvalidOperationException: A user sends one request at a time", Assert.Single(final.Exceptions).Error, StringComparison.Ordinal);
        Assert.Equal(3, world.Server.Asked);
    }

    [Fact]
    public void A_connection_that_is_not_made_is_told_from_an_answer_that_does_not_come()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        world.Server.Latency = static (_, _) => throw new OperationCanceledException("as the client says it", new TimeoutException());
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(3))).Final;
        Assert.Equal("no connection within 15s", Assert.Single(final.Failures).Error);
    }

    [Fact]
    public void A_user_that_cannot_be_made_is_an_exception_and_is_not_made_again()
    {
        var scenario = LoadWorld.Scenario();
        var made = 0;
        using var world = new LoadWorld(scenario with
        {
            Users = [scenario.Users[0] with
            {
                State = () =>
                {
                    made++;
                    throw new InvalidOperationException("of the constructor");
                },
            }],
        });
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(3, 1_000), TimeSpan.FromSeconds(10))).Final;
        var exception = Assert.Single(final.Exceptions);
        Assert.Equal(("user", "InvalidOperationException: of the constructor", 3L), (exception.Name, exception.Error, exception.Count));
        Assert.Equal(3, made);
        Assert.Equal(LoadVerdict.FailuresSeen, LoadVerdicts.Of(final));
    }

    [Fact]
    public void A_rate_is_over_the_time_in_which_answers_came()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromSeconds(4);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(10, 1_000), TimeSpan.FromSeconds(1)) with
        {
            StopTimeout = TimeSpan.FromSeconds(10),
            Thresholds = [LoadThreshold.Parse("http_reqs:rate>3", out _)!],
        }).Final;
        Assert.Equal(10, final.Total.Count);
        Assert.Equal(2.5, final.Total.PerSecond, 0.01);
        Assert.False(final.Thresholds[0].Holds);
    }

    [Fact]
    public void A_threshold_on_users_is_of_the_most_there_were()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        var thresholds = new[] { "vus:value>=10", "vus:value<10" }.Select(static text => LoadThreshold.Parse(text, out _)!).ToList();
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Closed(10, 10), TimeSpan.FromSeconds(5)) with { Thresholds = thresholds }).Final;
        Assert.Equal([(10.0, true), (10.0, false)], final.Thresholds.Select(static outcome => (outcome.Value!.Value, outcome.Holds)));
    }

    [Fact]
    public void An_edit_beyond_what_a_run_can_follow_is_refused_and_the_run_goes_on()
    {
        using var world = new LoadWorld(LoadWorld.Scenario("constant(1s)"));
        var run = world.Start(LoadWorld.Plan(new LoadModel.Closed(2, 10), Minute) with { WarmUp = TimeSpan.FromSeconds(20) });
        world.Pass(TimeSpan.FromSeconds(2));
        foreach (var edit in new[] { new LoadEdit(Users: 50, SpawnRate: 1e-13), new LoadEdit(RunTime: TimeSpan.FromSeconds(20)) })
        {
            var outcome = world.Run(world.Tests.EditAsync(run.Id, edit, CancellationToken.None).AsTask());
            Assert.Equal("invalid-request", Assert.IsType<LoadOutcome.Refused>(outcome).Refusal.Code);
        }
        world.Pass(Minute);
        Assert.Equal(LoadState.Finished, world.Tests.Result(run.Id)!.Final.State);
    }

    [Fact]
    public void What_is_not_begun_because_all_requests_were_sent_is_neither_late_nor_dropped()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Server.Latency = static (_, _) => TimeSpan.FromMilliseconds(50);
        var final = world.Whole(LoadWorld.Plan(new LoadModel.Open(1_000) { MaxUsers = 20 }, Minute) with { MaxRequests = 100 }).Final;
        Assert.Equal(100, final.Total.Count);
        Assert.Equal(0, final.DroppedIterations);
        Assert.InRange(final.LateIterations, 1, 80);
    }

    [Fact]
    public void A_run_that_ends_within_its_warm_up_has_measured_nothing()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var run = world.Start(LoadWorld.Plan(new LoadModel.Closed(2, 10), Minute) with { WarmUp = TimeSpan.FromSeconds(20) });
        world.Pass(TimeSpan.FromSeconds(5));
        world.Run(world.Tests.StopAsync(run.Id, CancellationToken.None).AsTask());
        world.Pass(TimeSpan.FromSeconds(6));
        var final = world.Tests.Result(run.Id)!.Final;
        Assert.Equal((0L, TimeSpan.Zero, LoadVerdict.Broken), (final.Total.Count, final.Measured, LoadVerdicts.Of(final)));
        Assert.Contains("warm-up", final.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_at_once_would_measure_each_other()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        world.Start(LoadWorld.Plan(new LoadModel.Closed(1, 1), Minute));
        var second = world.Run(world.Tests.StartAsync(LoadWorld.Plan(new LoadModel.Closed(1, 1), Minute), CancellationToken.None).AsTask());
        Assert.Equal("state-conflict", Assert.IsType<LoadOutcome.Refused>(second).Refusal.Code);
    }

    [Fact]
    public void The_key_is_sent_and_never_shown()
    {
        using var world = new LoadWorld(LoadWorld.Scenario());
        var result = world.Whole(LoadWorld.Plan(new LoadModel.Closed(1, 1), TimeSpan.FromSeconds(1)) with { Key = "secret-of-the-run" });
        Assert.Equal("Bearer secret-of-the-run", world.Server.Authorization);
        Assert.Null(result.Final.Plan.Key);
        Assert.DoesNotContain("secret-of-the-run", result.ToString(), StringComparison.Ordinal);
    }
}
