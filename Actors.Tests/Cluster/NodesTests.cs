using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Cluster;

/// <summary>Several whole nodes: what becomes of the work of one that is downed, leaves, or is cut off.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private readonly NodesWorld _world = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_downed_nodes_jobs_start_again_elsewhere_and_what_it_reports_late_is_refused()
    {
        var front = await _world.StartAsync("front", computes: false);
        var lost = await _world.StartAsync("lost");
        var job = await _world.SubmitAsync(front);
        await _world.UntilAsync(() => _world.Runs.Count == 1, "it runs");
        await _world.StartAsync("other");
        var first = _world.Runs.Single();
        var incarnation = lost.Cluster.Self.Incarnation;
        Assert.IsType<MemberReply.Done>(await front.Cluster.DownAsync("lost", default));
        await _world.UntilAsync(() => first.StoppedAt is not null, "the first run is told to stop");
        await _world.UntilAsync(() => lost.Cluster.Condition.Ready && lost.Cluster.Self.Incarnation != incarnation, "the node is back as another");
        // Until it had noticed, it may have claimed the job again, and was told to stop that run, too.
        await _world.UntilAsync(() => _world.Runs.Count > 1 && !_world.Runs.Last().Token.IsCancellationRequested, "it runs again");
        var last = _world.Runs.Last();
        Assert.Equal((job, true), (last.Job, last.Attempt > 1));
        foreach (var run in _world.Runs)
            if (run != last) run.End.SetResult("\"late\"");
        last.End.SetResult("\"right\"");
        var done = await FinishedAsync(front, job);
        Assert.Equal((JobState.Succeeded, last.Attempt, "\"right\""), (done.Row.State, done.Row.Attempt, Text(done)));
    }

    [Fact]
    public async Task A_node_that_leaves_ends_what_it_runs_takes_nothing_new_and_is_down()
    {
        var front = await _world.StartAsync("front", computes: false);
        var leaving = await _world.StartAsync("leaving");
        var job = await _world.SubmitAsync(front);
        await _world.UntilAsync(() => _world.Runs.Count == 1, "it runs");
        await front.Cluster.LeaveAsync("leaving", default);
        await _world.UntilAsync(() => leaving.Cluster.Condition.Draining, "it drains");
        Assert.Equal(MemberStatus.Leaving, _world.View.Find("leaving")!.Status);
        var later = await _world.SubmitAsync(front);
        _world.Runs.Single().End.SetResult("1");
        Assert.Equal((JobState.Succeeded, 1), ((await FinishedAsync(front, job)).Row.State, _world.Runs.Count));
        await _world.UntilAsync(() => leaving.Runtime.Left.IsCompletedSuccessfully, "it has left");
        await leaving.Runtime.StopAsync(TimeSpan.Zero);
        var row = _world.View.Find("leaving")!;
        Assert.Equal((MemberStatus.Down, false), (row.Status, MemberRules.IsUnreachable(row, _world.View.Now)));
        Assert.Equal(JobState.Queued, (await _world.ReadAsync(later)).Row.State);
    }

    [Fact]
    public async Task A_node_cut_from_its_store_stops_its_work_before_its_lease_ends_and_others_take_it_after()
    {
        var front = await _world.StartAsync("front", computes: false);
        var cut = await _world.StartAsync("cut");
        var job = await _world.SubmitAsync(front);
        await _world.UntilAsync(() => _world.Runs.Count == 1, "it runs");
        await _world.StartAsync("other");
        cut.Storage.Cut();
        var first = _world.Runs.Single();
        await _world.UntilAsync(() => first.StoppedAt is not null, "its work is told to stop");
        // Now, and not before: a renewal that was under way at the cut may have become durable after it.
        var ends = _world.View.Find("cut")!.LeaseUntil!.Value;
        Assert.InRange(first.StoppedAt!.Value, ends - NodesWorld.Lease, ends - TimeSpan.FromSeconds(8));
        Assert.False(cut.Cluster.Condition.Ready);
        Assert.Contains("The store has not answered", cut.Cluster.Condition.Reason, StringComparison.Ordinal);
        await _world.UntilAsync(() => _world.Runs.Count == 2, "it runs again", latest: ends + TimeSpan.FromSeconds(10));
        Assert.InRange(_world.Time.GetUtcNow(), ends, ends + TimeSpan.FromSeconds(10));
        Assert.Equal(("other", 2), (_world.Runs.Last().Node, _world.Runs.Last().Attempt));
        first.End.SetResult("\"late\"");
        NodesWorld.Heal(cut);
        await _world.UntilAsync(() => cut.Cluster.Condition.Ready, "the node is back");
        _world.Runs.Last().End.SetResult("\"right\"");
        Assert.Equal("\"right\"", Text(await FinishedAsync(front, job)));
        Assert.Equal(1, (await _world.ReadAsync(job)).Row.Crashes);
    }

    [Fact]
    public async Task A_leader_killed_at_a_schedules_tick_leaves_one_job_of_it()
    {
        var schedule = new ConfiguredSchedule(Namespace.Default, "minutely", new ScheduleDefinition
        {
            Cron = "* * * * *", Task = "hold", Misfire = ScheduleMisfire.All, Overlap = ScheduleOverlap.Queue,
        });
        var first = await _world.StartAsync("node-1", schedule: schedule);
        var second = await _world.StartAsync("node-2", schedule: schedule);
        Assert.True(first.Leads(_world.View));
        // It submits the tick's job, and dies before the schedule's row says so.
        first.Storage.Lost.Add(nameof(IScheduleStore.AdvanceAsync));
        await _world.UntilAsync(() => !_world.Runs.IsEmpty, "the tick's job runs");
        first.Storage.Cut();
        await _world.UntilAsync(() => second.Leads(_world.View), "the other leads");
        var run = _world.Runs.First();
        await _world.UntilAsync(() => TicksOf(second).Any(tick => tick.Job == run.Job), "the tick stands as handled, by the job that it had");
        // A later tick may be on its way from its job to its line in the history.
        await _world.UntilAsync(() => JobsOf(second).SequenceEqual(TicksOf(second).Select(tick => tick.Job!.Value.Value).Order()), "each job is that of a handled tick");
        Assert.Distinct(TicksOf(second).Select(tick => tick.At));
    }

    private static IEnumerable<Guid> JobsOf(NodesWorld.WorldNode node) =>
        node.Runtime.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default, Limit = 100 }, default).AsTask().GetAwaiter().GetResult().Rows.Select(job => job.Row.Id.Value).Order();

    private static IReadOnlyList<ScheduleTick> TicksOf(NodesWorld.WorldNode node) =>
        node.Storage.Schedules.ReadHistoryAsync(Namespace.Default, "minutely", default).AsTask().GetAwaiter().GetResult();

    private async Task<Job> FinishedAsync(NodesWorld.WorldNode node, JobId id)
    {
        var waiting = node.Runtime.Jobs.WaitFinishedAsync(Namespace.Default, id, TimeSpan.FromHours(1), default).AsTask();
        await _world.UntilAsync(() => waiting.IsCompleted, "it is final");
        return (await waiting)!;
    }

    private static string Text(Job job) => System.Text.Encoding.UTF8.GetString(job.Result!.Value.Span);
}
