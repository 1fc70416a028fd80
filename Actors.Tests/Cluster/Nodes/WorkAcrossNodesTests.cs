using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using ActorPerf.TestKit.MultiNode;

namespace ActorPerf.Tests.Cluster.Nodes;

/// <summary>Work that is taken in on one node, runs on another and is waited for on a third.</summary>
public sealed class WorkAcrossNodesTests(Threesome nodes) : IClassFixture<Threesome>
{
    private static CancellationToken Ct => Jobs.Ct;

    [Fact]
    public async Task Any_node_takes_a_job_those_that_compute_run_it_and_waiters_everywhere_hear_its_end()
    {
        foreach (var taker in nodes.Cluster.Nodes)
        {
            var id = await taker.SubmitAsync(Jobs.Watched("anywhere", 5));
            var ends = await Task.WhenAll(nodes.Cluster.Nodes.Select(node => node.EndAsync(id)));
            Assert.All(ends, end => Assert.Equal(JobState.Succeeded, end.State));
            Assert.Contains(ends[0].Node, (string[])["one", "two"]);
        }
    }

    [Fact]
    public async Task A_full_node_leaves_the_rest_of_its_line_to_another()
    {
        var ids = new List<JobId>();
        for (var i = 0; i < 12; i++) ids.Add(await nodes.One.SubmitAsync(Jobs.Of("held", """{"key": "shared-line"}""")));
        // None of them ends before: more than a node's four routees run.
        await Eventually.Is(() => ClusterTasks.Of("shared-line").Most > 4, "another node takes what is left");
        ClusterTasks.Of("shared-line").Released.SetResult();

        var rows = await Task.WhenAll(ids.Select(nodes.Web.EndAsync));

        Assert.Equal(["one", "two"], rows.Select(row => row.Node!).Distinct().Order());
    }

    [Fact]
    public async Task A_cancel_reaches_the_node_that_runs_the_job()
    {
        var key = "cancelled";
        var id = await nodes.Web.SubmitAsync(Jobs.Watched(key, 600_000));
        await ClusterTasks.Of(key).Began.Task.WaitAsync(Jobs.Patience, Ct);

        Assert.IsType<JobOutcome.Done>(await nodes.Web.Jobs.CancelAsync(Jobs.Ours, id, Ct));
        await ClusterTasks.Of(key).Stopped.Task.WaitAsync(Jobs.Patience, Ct);

        Assert.Equal(JobState.Cancelled, (await nodes.Two.EndAsync(id)).State);
    }

    [Fact]
    public async Task A_pause_holds_on_all_nodes_until_another_one_lifts_it()
    {
        await nodes.One.SetAsync("io", new QueueChange { Paused = new Setting<bool>(true) });
        await Jobs.UntilPausedAsync(nodes.Two, "io", true);
        var id = await nodes.Two.SubmitAsync(Jobs.Watched("paused") with { Queue = "io" });
        await Jobs.UntilPausedAsync(nodes.Web, "io", true);
        Assert.Equal(JobState.Queued, (await nodes.Web.Jobs.GetAsync(Jobs.Ours, id, Ct))!.Row.State);

        await nodes.Web.SetAsync("io", null);

        Assert.Equal(JobState.Succeeded, (await nodes.One.EndAsync(id)).State);
        await Jobs.UntilPausedAsync(nodes.One, "io", false);
    }

    [Fact]
    public async Task A_queues_limit_holds_over_all_nodes_and_a_place_that_becomes_free_wakes_any()
    {
        await nodes.Web.SetAsync("default", new QueueChange { Concurrency = new Setting<int>(1) });
        try
        {
            var ids = new List<JobId>();
            foreach (var taker in nodes.Cluster.Nodes)
                for (var i = 0; i < 4; i++) ids.Add(await taker.SubmitAsync(Jobs.Watched("one-at-a-time", 5)));

            await Task.WhenAll(ids.Select(nodes.Web.EndAsync));

            Assert.Equal(1, ClusterTasks.Of("one-at-a-time").Most);
        }
        finally
        {
            await nodes.Two.SetAsync("default", null);
        }
    }

    [Fact]
    public async Task A_limit_keys_place_that_becomes_free_on_one_node_wakes_another()
    {
        await nodes.One.SetAsync("default", new QueueChange { KeyConcurrency = new Setting<int>(1) });
        try
        {
            var ids = new List<JobId>();
            foreach (var taker in nodes.Cluster.Nodes)
                for (var i = 0; i < 3; i++) ids.Add(await taker.SubmitAsync(Jobs.Watched("keyed", 5) with { LimitKey = "k" }));

            await Task.WhenAll(ids.Select(nodes.One.EndAsync));

            Assert.Equal(1, ClusterTasks.Of("keyed").Most);
        }
        finally
        {
            await nodes.One.SetAsync("default", null);
        }
    }

    [Fact]
    public async Task A_job_that_comes_due_starts_wherever_there_is_room()
    {
        var id = await nodes.Web.SubmitAsync(Jobs.Watched("due") with { Delay = TimeSpan.FromMilliseconds(150) });
        Assert.Equal(JobState.Succeeded, (await nodes.Two.EndAsync(id)).State);
    }

    [Fact]
    public async Task A_schedule_that_one_node_took_is_known_to_all_and_each_tick_is_one_job()
    {
        var every = new ScheduleDefinition { Cron = "* * * * * *", Task = "watched", Args = """{"key": "tick"}"""u8.ToArray() };
        Assert.IsType<ScheduleReply.Done>(await nodes.Two.Schedules.PutAsync(Jobs.Ours, "ticking", every, Ct));
        var since = TimeProvider.System.GetTimestamp();
        while (!(await nodes.One.Schedules.ListAsync(Jobs.Ours, null, 10, Ct)).Any(schedule => schedule.Name == "ticking"))
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Jobs.Patience, $"{nodes.One.Name} never heard of the schedule");
        await ClusterTasks.Of("tick").Began.Task.WaitAsync(Jobs.Patience, Ct);
        Assert.IsType<ScheduleReply.Done>(await nodes.One.Schedules.DeleteAsync(Jobs.Ours, "ticking", Ct));

        var ticks = (await nodes.Web.Jobs.ListAsync(new JobQuery { Namespace = Jobs.Ours, Task = "watched", Limit = 100 }, Ct)).Rows.Where(job => job.Row.Schedule == "ticking").ToList();
        Assert.Equal(ticks.Count, ticks.Select(job => job.Row.RunAt).Distinct().Count());
        await Task.WhenAll(ticks.Select(job => nodes.Web.EndAsync(job.Row.Id)));
    }

    [Fact]
    public async Task No_job_says_that_nobody_serves_its_queue_while_another_node_does()
    {
        await nodes.Two.SetAsync("io", new QueueChange { Paused = new Setting<bool>(true) });
        var id = await nodes.Web.SubmitAsync(Jobs.Watched("elsewhere") with { Queue = "io" });
        var lonely = await nodes.Web.SubmitAsync(Jobs.Watched("nowhere") with { Queue = "nowhere" });
        await Jobs.UntilPausedAsync(nodes.Web, "io", true);

        // What a node serves is heard with its member row.
        var since = TimeProvider.System.GetTimestamp();
        while ((await nodes.Web.Jobs.GetAsync(Jobs.Ours, id, Ct))!.Reason?.Contains("paused", StringComparison.Ordinal) != true)
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Jobs.Patience, "the node never heard that another serves the queue");
        Assert.Contains("No node serves", (await nodes.Web.Jobs.GetAsync(Jobs.Ours, lonely, Ct))!.Reason, StringComparison.Ordinal);

        await nodes.Web.SetAsync("io", null);
        await nodes.Web.EndAsync(id);
        await nodes.Web.Jobs.CancelAsync(Jobs.Ours, lonely, Ct);
    }

    [Fact]
    public async Task Who_follows_on_one_node_is_told_what_happens_on_others_in_order_and_can_resume_anywhere()
    {
        var first = await nodes.One.SubmitAsync(Jobs.Watched("followed"));
        await nodes.Web.EndAsync(first);
        var start = FeedPlace.Of((await nodes.Web.Jobs.HistoryAsync(Jobs.Ours, first, Ct))!.Rows[^1].Seq);
        var followed = FollowAsync(nodes.Web, start, 6);
        var ids = new List<JobId>();
        foreach (var taker in nodes.Cluster.Nodes) ids.Add(await taker.SubmitAsync(Jobs.Watched("followed") with { Tags = ["followed"] }));
        foreach (var id in ids) await nodes.Web.EndAsync(id);

        var told = await followed.WaitAsync(Jobs.Patience, Ct);
        var again = await FollowAsync(nodes.Two, told[3].Place, 2).WaitAsync(Jobs.Patience, Ct);

        Assert.Equal(told.Select(one => one.Place).Order(), told.Select(one => one.Place));
        Assert.Equal(told.Skip(4).Take(2), again);
    }

    private static async Task<List<(FeedPlace Place, JobId Id, JobState State)>> FollowAsync(TestNode node, FeedPlace after, int count)
    {
        var told = new List<(FeedPlace, JobId, JobState)>();
        await foreach (var happened in node.Jobs.FollowAllAsync(new JobQuery { Namespace = Jobs.Ours, Tag = "followed" }, after, Ct))
        {
            if (happened is JobEvent.State state) told.Add((state.Place, state.Id, state.Now.Row.State));
            if (happened is JobEvent.Done done) told.Add((done.Place, done.Id, done.Now.Row.State));
            if (told.Count >= count) break;
        }
        return told;
    }
}
