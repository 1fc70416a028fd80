using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Jobs that wait for others.</content>
public abstract partial class JobStoreConformance
{
    private static readonly TaskError Broken = new("Broken", "It broke.", Retryable: false);

    [Fact]
    public async Task INV_25_A_dependent_starts_once_and_only_after_all_parents_reached_the_demanded_state()
    {
        var (a, b) = (await AcceptedAsync(), await AcceptedAsync());
        var child = await AcceptedAsync([new(a, DependsOn.Succeeded), new(b, DependsOn.Finished)]);
        Assert.Equal(JobState.Held, (await ReadAsync(child))!.Row.State);

        var first = await EndAsync(a, "1");
        Assert.Empty(first.Followed);
        Assert.Equal(JobState.Held, (await ReadAsync(child))!.Row.State);
        var second = await FailAsync(b);

        var (job, from) = Assert.Single(second.Followed);
        Assert.Equal((child, JobState.Queued, JobState.Held), (job.Row.Id, job.Row.State, from));
        Assert.Equal([JobState.Held, JobState.Queued], (await Store.ReadHistoryAsync(Namespace.Default, child, default))!.Rows.Select(row => row.To));
        await CleanAsync();
    }

    [Fact]
    public async Task INV_25_Two_parents_that_end_in_the_same_transaction_start_their_child_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var (a, b) = (await AcceptedAsync(), await AcceptedAsync());
            var child = await AcceptedAsync([new(a, DependsOn.Succeeded), new(b, DependsOn.Succeeded)]);
            var taken = (await ClaimAsync(2)).Taken;
            var writes = taken.Select(job => new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "1"u8.ToArray() }).ToArray();

            await Task.WhenAll(writes.Select(PostAsync));

            Assert.Single(writes.SelectMany(write => write.Followed));
            Assert.Equal(child, Assert.Single((await ClaimAsync(5)).Taken).Row.Id);
            await ChangeAsync(child, new JobCommand.Cancel());
        }
        await CleanAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_parent_that_does_not_succeed_cancels_who_needs_its_success_and_all_behind(bool byCancel)
    {
        var a = await AcceptedAsync();
        var b = await AcceptedAsync([new(a, DependsOn.Succeeded)]);
        var c = await AcceptedAsync([new(b, DependsOn.Succeeded)]);
        var mender = await AcceptedAsync([new(b, DependsOn.Finished)]);

        var end = byCancel ? await ChangeAsync(a, new JobCommand.Cancel()) : await FailAsync(a);

        Assert.Equal([(b, JobState.Cancelled), (c, JobState.Cancelled), (mender, JobState.Queued)], end.Followed.Select(moved => (moved.Job.Row.Id, moved.Job.Row.State)));
        Assert.Contains($"{a}", (await Store.ReadHistoryAsync(Namespace.Default, b, default))!.Rows[^1].Detail, StringComparison.Ordinal);
        await CleanAsync();
    }

    [Fact]
    public async Task A_submission_after_its_parents_ended_is_decided_at_once()
    {
        var (good, bad) = (await AcceptedAsync(), await AcceptedAsync());
        await EndAsync(good, "41");
        await FailAsync(bad);

        var ready = await AcceptedAsync([new(good, DependsOn.Succeeded), new(bad, DependsOn.Finished)], $$"""{"a": {"$result": "{{good}}"}, "b": [{"$result": "{{bad}}"}]}""");
        var doomed = new JobWrite.Submit([New(Row()) with { DependsOn = [new(bad, DependsOn.Succeeded)] }]);
        await PostAsync(doomed);

        var job = (await ReadAsync(ready))!;
        Assert.Equal((JobState.Queued, """{"a": 41, "b": [null]}"""), (job.Row.State, Encoding.UTF8.GetString(job.Args.Span)));
        Assert.Equal([new JobDependency(good, DependsOn.Succeeded), new JobDependency(bad, DependsOn.Finished)], job.DependsOn);
        Assert.Equal(JobState.Cancelled, Assert.Single(doomed.Followed).Job.Row.State);
        await CleanAsync();
    }

    [Fact]
    public async Task A_job_may_depend_on_one_of_its_own_batch_and_on_none_that_is_unknown()
    {
        var (a, b) = (Row(), Row());
        var batch = new JobWrite.Submit([New(a), New(b) with { DependsOn = [new(a.Id, DependsOn.Succeeded)] }], atomic: true);
        await PostAsync(batch);
        Assert.Equal([JobState.Queued, JobState.Held], batch.Outcomes.Select(outcome => ((SubmitOutcome.Accepted)outcome).Job.Row.State));

        var elsewhere = Row() with { Namespace = Other };
        await SubmitAsync(elsewhere);
        var unknown = new JobWrite.Submit([New(Row()) with { DependsOn = [new(a.Id, DependsOn.Succeeded), new(elsewhere.Id, DependsOn.Succeeded)] }]);
        await PostAsync(unknown);

        var refusal = Assert.IsType<SubmitOutcome.Refused>(unknown.Outcomes[0]).Refusal;
        Assert.Equal(("unknown-job", "/dependsOn/1"), (refusal.Code, Assert.Single(refusal.Faults).Pointer));
        await CleanAsync();
    }

    [Fact]
    public async Task A_refused_batch_leaves_no_edge()
    {
        var (a, b) = (Row(), Row());
        await SubmitAsync(b with { Digest = Guid.NewGuid() });
        var batch = new JobWrite.Submit([New(a), New(Row()) with { DependsOn = [new(a.Id, DependsOn.Succeeded)] }, New(b)], atomic: true);
        await PostAsync(batch);
        Assert.All(batch.Outcomes, outcome => Assert.IsType<SubmitOutcome.Refused>(outcome));
        Assert.Null(await ReadAsync(a.Id));
        await CleanAsync();
    }

    [Fact]
    public async Task Results_take_the_place_of_references_when_the_last_parent_ends()
    {
        var (a, b) = (await AcceptedAsync(), await AcceptedAsync());
        var args = $$"""{ "whole": {"$result": "{{a}}"},  "part": {"path": "items.1.n", "$result": "{{b}}"}, "none": {"$result": "{{b}}", "path": "x"}, "n": 9007199254740993 }""";
        var child = await AcceptedAsync([new(a, DependsOn.Succeeded), new(b, DependsOn.Succeeded)], args);
        await EndAsync(a, """{"big": 9007199254740993}""");
        Assert.Equal(args, Encoding.UTF8.GetString((await ReadAsync(child))!.Args.Span));

        await EndAsync(b, """{"items": [{"n": 1}, {"n": 2.50}]}""");

        Assert.Equal("""{ "whole": {"big": 9007199254740993},  "part": 2.50, "none": null, "n": 9007199254740993 }""",
            Encoding.UTF8.GetString(Assert.Single((await ClaimAsync(5)).Taken).Args.Span));
    }

    [Fact]
    public async Task A_run_that_waits_for_children_goes_on_when_all_of_them_are_final()
    {
        var parent = await RunningAsync();
        var (one, two) = (New(Row()) with { ChildName = "one" }, New(Row()) with { ChildName = "two" });
        var park = new JobWrite.Change(parent, new JobCommand.Park(parent.Row.Run!.Value)) { Children = [one, two], Checkpoint = "{\"at\":1}"u8.ToArray() };
        await PostAsync(park);

        Assert.Equal([(JobState.Queued, null), (JobState.Queued, null)], park.Followed.Select(moved => (moved.Job.Row.State, moved.From)));
        Assert.Equal(parent.Row.Id, (await ReadAsync(one.Row.Id))!.Row.Parent);
        Assert.Equal((JobState.Held, 1), ((await ReadAsync(parent.Row.Id))!.Row.State, (await ReadAsync(parent.Row.Id))!.Row.Excused));
        await EndAsync(one.Row.Id, "7");
        var last = await FailAsync(two.Row.Id);

        Assert.Equal((parent.Row.Id, JobState.Queued), (Assert.Single(last.Followed).Job.Row.Id, last.Followed[0].Job.Row.State));
        var again = Assert.Single((await ClaimAsync(5)).Taken);
        Assert.Equal("{\"at\":1}", Encoding.UTF8.GetString(again.Checkpoint!.Value.Span));
        Assert.Equal([("one", "succeeded", null), ("two", "failed", "Broken")], again.Children.Select(child => (child.Name, child.State, child.Error?.Type)));
        Assert.Equal("7", Encoding.UTF8.GetString(again.Children[0].Result!.Value.Span));
        await CleanAsync();
    }

    [Fact]
    public async Task A_second_wait_of_a_run_is_for_its_new_children_alone()
    {
        var parent = await RunningAsync();
        for (var wait = 0; wait < 2; wait++)
        {
            var child = New(Row()) with { ChildName = $"{wait}" };
            await PostAsync(new JobWrite.Change(parent, new JobCommand.Park(parent.Row.Run!.Value)) { Children = [child] });
            await EndAsync(child.Row.Id, "1");
            parent = Assert.Single((await ClaimAsync(5)).Taken);
            Assert.Equal($"{wait}", Assert.Single(parent.Children).Name);
        }
        await CleanAsync();
    }

    [Fact]
    public async Task Cancelling_a_job_that_waits_for_children_cancels_them()
    {
        var parent = await RunningAsync();
        var (waiting, running) = (New(Row()), New(Row()));
        await PostAsync(new JobWrite.Change(parent, new JobCommand.Park(parent.Row.Run!.Value)) { Children = [running, waiting] });
        Assert.Equal(running.Row.Id, Assert.Single((await ClaimAsync(1)).Taken).Row.Id);

        var cancel = await ChangeAsync(parent.Row.Id, new JobCommand.Cancel());

        Assert.Equal([(running.Row.Id, JobState.Cancelling), (waiting.Row.Id, JobState.Cancelled)], cancel.Followed.Select(moved => (moved.Job.Row.Id, moved.Job.Row.State)));
        await CleanAsync();
    }

    [Fact]
    public async Task Retention_keeps_a_parent_whose_result_is_still_wanted()
    {
        var (a, b) = (await AcceptedAsync(), await AcceptedAsync());
        var child = await AcceptedAsync([new(a, DependsOn.Succeeded), new(b, DependsOn.Succeeded)], $$"""{"x": {"$result": "{{a}}"} }""");
        await EndAsync(a, "5");
        _time.Advance(TimeSpan.FromDays(10));
        await PostAsync(new JobWrite.Prune(Keeps(days: 1), 100));
        Assert.NotNull(await ReadAsync(a));
        await EndAsync(b, "6");
        Assert.Equal("""{"x": 5 }""", Encoding.UTF8.GetString((await ReadAsync(child))!.Args.Span));
        await CleanAsync();
    }

    [Fact]
    public async Task Open_edges_survive_a_restart()
    {
        if (this is MemoryJobStoreTests) return;       // nothing of it does
        var a = await AcceptedAsync();
        var child = await AcceptedAsync([new(a, DependsOn.Succeeded)]);
        Reopen();
        Assert.Equal(child, Assert.Single((await EndAsync(a, "1")).Followed).Job.Row.Id);
        await CleanAsync();
    }

    [Fact]
    public async Task A_chain_of_ten_thousand_falls_in_one_transaction()
    {
        const int Length = 10_000;
        var rows = Enumerable.Range(0, Length).Select(_ => Row()).ToArray();
        var batch = new JobWrite.Submit([.. rows.Select((row, i) => New(row) with { DependsOn = i == 0 ? [] : [new(rows[i - 1].Id, DependsOn.Succeeded)] })], atomic: true);
        await PostAsync(batch);
        Assert.Equal(Length - 1, (await ChangeAsync(rows[0].Id, new JobCommand.Cancel())).Followed.Count);
        Assert.Equal(Length, await CountAsync(JobState.Cancelled));
    }

    [Fact]
    public async Task A_workflow_stops_at_its_first_failure_where_it_says_so()
    {
        var id = new WorkflowId(Guid.CreateVersion7());
        var rows = Enumerable.Range(0, 4).Select(_ => Row() with { Workflow = id.ToString() }).ToArray();
        var write = new JobWrite.Submit([New(rows[0]), New(rows[1]), New(rows[2]), New(rows[3]) with { DependsOn = [new(rows[0].Id, DependsOn.Finished)] }], atomic: true)
        {
            Workflow = new NewWorkflow(id, Namespace.Default, "w", OnFailure.Cancel, [.. rows.Select((row, i) => new NewMember($"{(char)('a' + i)}", row.Id, default))]),
        };
        await PostAsync(write);
        Assert.Equal(2, (await ClaimAsync(2)).Taken.Count);

        var failed = await FailAsync(rows[0].Id);

        var states = (await _storage.Workflows.ReadAsync(Namespace.Default, id, default))!.Members.Select(member => (member.Name, member.Job.Row.State));
        Assert.Equal([("a", JobState.Failed), ("b", JobState.Cancelling), ("c", JobState.Cancelled), ("d", JobState.Cancelled)], states);
        Assert.Equal(JobState.Cancelling, failed.Followed.First(moved => moved.Job.Row.Id == rows[1].Id).Job.Row.State);
        Assert.Equal(("running", 3, 4), await StateAsync(id));
        var running = (await ReadAsync(rows[1].Id))!;
        await ChangeAsync(running, new JobCommand.Stop(running.Row.Run!.Value), null);
        Assert.Equal(("failed", 4, 4), await StateAsync(id));
        await CleanAsync();
    }

    [Fact]
    public async Task A_workflow_is_cancelled_whole_and_listed_newest_first()
    {
        var ids = new List<WorkflowId>();
        for (var i = 0; i < 3; i++)
        {
            var id = new WorkflowId(Guid.CreateVersion7());
            var row = Row() with { Workflow = id.ToString() };
            await PostAsync(new JobWrite.Submit([New(row)], atomic: true) { Workflow = new NewWorkflow(id, Namespace.Default, null, OnFailure.Continue, [new("a", row.Id, default)]) });
            ids.Add(id);
        }
        var stop = new JobWrite.StopWorkflow(Namespace.Default, ids[1]);
        await PostAsync(stop);
        Assert.Equal((true, 1), (stop.Found, stop.Followed.Count));
        var unknown = new JobWrite.StopWorkflow(Other, ids[1]);
        await PostAsync(unknown);
        Assert.False(unknown.Found);

        var first = await _storage.Workflows.ListAsync(Namespace.Default, null, 2, default);
        var second = await _storage.Workflows.ListAsync(Namespace.Default, first.Next, 2, default);
        Assert.Equal([(ids[2], "running"), (ids[1], "cancelled"), (ids[0], "running")], first.Rows.Concat(second.Rows).Select(row => (row.Id, row.State)));
        Assert.Null(second.Next);
        Assert.Empty((await _storage.Workflows.ListAsync(Other, null, 2, default)).Rows);
        _time.Advance(TimeSpan.FromDays(10));
        await SubmitAsync(Row());
        await PostAsync(new JobWrite.Prune(Keeps(days: 1), 100));
        Assert.Null(await _storage.Workflows.ReadAsync(Namespace.Default, ids[1], default));
        await CleanAsync();
    }

    /// <summary>Random graphs and random ends, against a model that asks each job about its parents until nothing changes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task INV_25_Random_graphs_end_as_the_model_says(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var rows = Enumerable.Range(0, 12).Select(_ => Row()).ToArray();
            var edges = rows.Select((_, i) => Enumerable.Range(0, i).Where(_ => random.Next(4) == 0).Select(parent => (Parent: parent, On: (DependsOn)random.Next(2))).ToArray()).ToArray();
            var ends = rows.Select(_ => random.Next(3) == 0).ToArray();      // fails
            await PostAsync(new JobWrite.Submit([.. rows.Select((row, i) => New(row) with { DependsOn = [.. edges[i].Select(edge => new JobDependency(rows[edge.Parent].Id, edge.On))] })], atomic: true));

            for (var taken = (await ClaimAsync(random.Next(1, 4))).Taken; taken.Count > 0; taken = (await ClaimAsync(random.Next(1, 4))).Taken)
            {
                await Task.WhenAll(taken.OrderBy(_ => random.Next()).Select(job =>
                {
                    var fails = ends[Array.FindIndex(rows, row => row.Id == job.Row.Id)];
                    return PostAsync(fails
                        ? new JobWrite.Change(job, new JobCommand.Fail(job.Row.Run!.Value, Broken, 0))
                        : new JobWrite.Change(job, new JobCommand.Finish(job.Row.Run!.Value, false)) { Result = "1"u8.ToArray() });
                }));
            }

            var expected = new JobState[rows.Length];
            for (var i = 0; i < rows.Length; i++)
                expected[i] = edges[i].Any(edge => edge.On == DependsOn.Succeeded && expected[edge.Parent] != JobState.Succeeded) ? JobState.Cancelled : ends[i] ? JobState.Failed : JobState.Succeeded;
            var jobs = await Store.ReadManyAsync(Namespace.Default, [.. rows.Select(row => row.Id)], default);
            Assert.Equal(expected, jobs.Select(job => job!.Row.State));
            Assert.All(jobs, job => Assert.Equal(job!.Row.State == JobState.Cancelled ? 0 : 1, job.Row.Attempt));
        }
        await CleanAsync();
    }

    private async Task<(string, int, int)> StateAsync(WorkflowId id)
    {
        var row = (await _storage.Workflows.ReadAsync(Namespace.Default, id, default))!.Row;
        return (row.State, row.Done, row.Total);
    }

    private async Task<JobId> AcceptedAsync(JobDependency[]? dependsOn = null, string args = "{}")
    {
        var write = new JobWrite.Submit([New(Row(), args) with { DependsOn = dependsOn ?? [] }]);
        await PostAsync(write);
        return Assert.IsType<SubmitOutcome.Accepted>(write.Outcomes[0]).Job.Row.Id;
    }

    private Task<JobWrite.Change> EndAsync(JobId id, string result) => RunAsync(id, run => new JobCommand.Finish(run, false), result);

    private Task<JobWrite.Change> FailAsync(JobId id) => RunAsync(id, run => new JobCommand.Fail(run, Broken, 0), null);

    /// <summary>Claims until the job runs, and ends it.</summary>
    private async Task<JobWrite.Change> RunAsync(JobId id, Func<Run, JobCommand> command, string? result)
    {
        for (var job = await ReadAsync(id); ; job = await ReadAsync(id))
        {
            if (job!.Row.Run is { } run) return await ChangeAsync(job, command(run), result);
            Assert.NotEmpty((await ClaimAsync(1)).Taken);
        }
    }
}
