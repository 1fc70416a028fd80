using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;

namespace ActorPerf.Tests.Client;

/// <summary>What <see cref="IJobs"/> promises, over a whole node: the same for who calls it in the process and for who calls it over HTTP.</summary>
public abstract class JobsBehaviour : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private protected NodeHost? Host { get; private set; }

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected static Namespace Ours { get; } = Namespace.Parse("ours");

    private protected IJobs Jobs { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await NodeHost.StartAsync();
        Jobs = Open(Host);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Host is not null) await Host.DisposeAsync();
    }

    private protected abstract IJobs Open(NodeHost host);

    [Fact]
    public async Task Every_member_of_a_submission_comes_back_with_the_job()
    {
        var parent = await AcceptedAsync(Sleep("1ms") with { Delay = TimeSpan.FromHours(1) });
        var submission = Sleep("1ms") with
        {
            Id = new JobId(Guid.CreateVersion7()),
            Queue = "own", Priority = 7, RunAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), ExpiresIn = TimeSpan.FromDays(3_600), Timeout = TimeSpan.FromSeconds(1.5), MaxAttempts = 3,
            Backoff = new BackoffPolicy(TimeSpan.FromSeconds(2), 3, TimeSpan.FromMinutes(4)), UniqueKey = "order \"1\"", UniquePolicy = UniquePolicy.Reject, UniqueUntil = UniqueUntil.Started,
            LimitKey = "eu", Tags = ["nightly", "ä"], Meta = """{"by": "clé"}"""u8.ToArray(), DependsOn = [new JobDependency(parent.Row.Id, DependsOn.Finished)],
        };

        var row = (await AcceptedAsync(submission)).Row;
        var job = (await Jobs.GetAsync(Ours, row.Id, Ct))!;

        Assert.Equal((submission.Id, Ours, "sleep", "own", 7), (job.Row.Id, job.Row.Namespace, job.Row.Task, job.Row.Queue, job.Row.Priority));
        Assert.Equal((submission.RunAt, submission.Timeout, 3, submission.Backoff), (job.Row.RunAt, job.Row.Timeout, job.Row.MaxAttempts, job.Row.Backoff));
        Assert.Equal((submission.UniqueKey, UniquePolicy.Reject, UniqueUntil.Started, "eu"), (job.Row.UniqueKey, job.Row.UniquePolicy, job.Row.UniqueUntil, job.Row.LimitKey));
        Assert.Equal(submission.Tags, job.Row.Tags);
        Assert.Equal(submission.DependsOn, job.DependsOn);
        Assert.Equal("""{"by": "clé"}""", Text(job.Row.Meta));
        Assert.Equal("""{"duration": "1ms"}""", Text(job.Args));
        Assert.Equal((JobState.Held, 0, 1L, null, null), (job.Row.State, job.Row.Attempt, job.Row.Version, job.Result, job.Row.FinishedAt));
        Assert.InRange(job.Row.ExpiresAt!.Value - job.Row.CreatedAt, TimeSpan.FromDays(3_599.99), TimeSpan.FromDays(3_600.01));
    }

    [Fact]
    public async Task A_job_is_waited_for_with_its_result_and_history()
    {
        var job = await AcceptedAsync(Square(12));
        var done = (await Jobs.WaitFinishedAsync(Ours, job.Row.Id, Patience, Ct))!;
        Assert.Equal((JobState.Succeeded, "144", 1), (done.Row.State, Text(done.Result!.Value), done.Row.Attempt));
        var history = (await Jobs.HistoryAsync(Ours, job.Row.Id, Ct))!;
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Succeeded], history.Rows.Select(row => row.To));
        Assert.Equal([1L, 2L, 3L], history.Rows.Select(row => row.Version));
        Assert.False(history.Pruned);
    }

    [Fact]
    public async Task Errors_of_attempts_are_kept_with_the_job()
    {
        var job = await AcceptedAsync(Of("fail", """{"message": "no paper"}""") with { MaxAttempts = 1 });
        var done = (await Jobs.WaitFinishedAsync(Ours, job.Row.Id, Patience, Ct))!;
        Assert.Equal((JobState.Failed, "no paper"), (done.Row.State, done.Row.Error?.Message));
        Assert.Equal("no paper", Assert.Single((await Jobs.HistoryAsync(Ours, job.Row.Id, Ct))!.Attempts).Error?.Message);
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_of_another_namespace_too()
    {
        var theirs = (await AcceptedAsync(Square(1) with { Namespace = Namespace.Parse("theirs") })).Row.Id;
        foreach (var id in new[] { theirs, new JobId(Guid.CreateVersion7()) })
        {
            Assert.Null(await Jobs.GetAsync(Ours, id, Ct));
            Assert.Null(await Jobs.WaitFinishedAsync(Ours, id, Patience, Ct));
            Assert.Null(await Jobs.WaitChangedAsync(Ours, id, 1, Patience, Ct));
            Assert.Null(await Jobs.HistoryAsync(Ours, id, Ct));
            Assert.Null(await Jobs.CancelAsync(Ours, id, Ct));
            Assert.Null(await Jobs.RunNowAsync(Ours, id, Ct));
            Assert.Null(await Jobs.EditAsync(Ours, id, new JobCommand.Edit(1, null, null, null), Ct));
            Assert.Null(await Jobs.DeleteAsync(Ours, id, Ct));
            Assert.Null(await Jobs.RerunAsync(Ours, id, new Rerun(), Ct));
            Assert.Empty(await AllAsync(Jobs.FollowAsync(Ours, id, null, Ct)));
            var waited = await Jobs.WaitManyAsync(Ours, [id], all: true, Patience, Ct);
            Assert.Empty(waited.Pending);
            Assert.Equal([id], waited.Unknown);
        }
    }

    [Fact]
    public async Task Refusals_are_outcomes_with_their_codes_and_places()
    {
        Assert.Equal("unknown-task", await RefusedAsync(Of("squaer", "{}")));
        Assert.Equal("invalid-args", await RefusedAsync(Of("square", """{"n": "twelve"}""")));
        var faults = Assert.IsType<SubmitOutcome.Refused>(await Jobs.SubmitAsync(Square(1) with { Priority = 12 }, Ct)).Refusal;
        Assert.Equal(("invalid-request", "/priority"), (faults.Code, Assert.Single(faults.Faults).Pointer));
        var nobodys = Assert.IsType<SubmitOutcome.Refused>(await Jobs.SubmitAsync(Of("square", """{"n": {"$result": "a-job"}}"""), Ct)).Refusal;
        Assert.Equal(("invalid-request", "/args/n"), (nobodys.Code, Assert.Single(nobodys.Faults).Pointer));
        Assert.Contains("'a-job' names no job of dependsOn", nobodys.Detail, StringComparison.Ordinal);
        var kept = Square(2) with { Id = new JobId(Guid.CreateVersion7()), Digest = Guid.NewGuid(), Delay = TimeSpan.FromHours(1) };
        await AcceptedAsync(kept);
        Assert.IsType<SubmitOutcome.Deduplicated>(await Jobs.SubmitAsync(kept, Ct));
        Assert.Equal("id-conflict", await RefusedAsync(Square(3) with { Id = kept.Id, Digest = Guid.NewGuid() }));
        var conflict = Assert.IsType<JobOutcome.Refused>(await Jobs.DeleteAsync(Ours, kept.Id.Value, Ct)).Refusal;
        Assert.Equal("state-conflict", conflict.Code);
        Assert.Equal(["cancel", "edit", "run-now"], conflict.Allowed);
    }

    [Fact]
    public async Task Keys_name_one_job()
    {
        var unique = Square(2) with { UniqueKey = "one", Delay = TimeSpan.FromHours(1) };
        var first = await AcceptedAsync(unique);
        Assert.Equal(first.Row.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await Jobs.SubmitAsync(unique, Ct)).Job.Row.Id);
        var keyed = Square(3) with { IdempotencyKey = "once", Digest = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) };
        var made = await AcceptedAsync(keyed);
        Assert.Equal(made.Row.Id, Assert.IsType<SubmitOutcome.Replayed>(await Jobs.SubmitAsync(keyed, Ct)).Job.Row.Id);

        // Deleting is deliberate, and frees the key with the job.
        await Jobs.WaitFinishedAsync(Ours, made.Row.Id, Patience, Ct);
        Done(await Jobs.DeleteAsync(Ours, made.Row.Id, Ct));
        Assert.NotEqual(made.Row.Id, Assert.IsType<SubmitOutcome.Accepted>(await Jobs.SubmitAsync(keyed, Ct)).Job.Row.Id);
    }

    [Fact]
    public async Task Jobs_are_changed_cancelled_started_run_again_and_deleted()
    {
        var id = (await AcceptedAsync(Square(5) with { Delay = TimeSpan.FromHours(1) })).Row.Id;
        var edited = Done(await Jobs.EditAsync(Ours, id, new JobCommand.Edit(9, null, null, ["a", "b"]), Ct));
        Assert.Equal((9, 2L), (edited.Row.Priority, edited.Row.Version));
        Assert.Equal(["a", "b"], edited.Row.Tags);
        Assert.Equal("precondition-failed", Assert.IsType<JobOutcome.Refused>(await Jobs.EditAsync(Ours, id, new JobCommand.Edit(1, null, null, null) { IfVersion = [1] }, Ct)).Refusal.Code);
        Done(await Jobs.RunNowAsync(Ours, id, Ct));
        Assert.Equal(JobState.Succeeded, (await Jobs.WaitFinishedAsync(Ours, id, Patience, Ct))!.Row.State);

        var again = Assert.IsType<SubmitOutcome.Accepted>(await Jobs.RerunAsync(Ours, id, new Rerun { Args = """{"n": 6}"""u8.ToArray() }, Ct)).Job;
        Assert.Equal(id, again.Row.RerunOf);
        Assert.Equal("36", Text((await Jobs.WaitFinishedAsync(Ours, again.Row.Id, Patience, Ct))!.Result!.Value));
        Assert.NotEqual(again.Row.Id, Assert.IsType<SubmitOutcome.Accepted>(await Jobs.RerunAsync(Ours, id, new Rerun(), Ct)).Job.Row.Id);

        Assert.Equal(id, Done(await Jobs.DeleteAsync(Ours, id, Ct)).Row.Id);
        Assert.Null(await Jobs.GetAsync(Ours, id, Ct));

        var waiting = (await AcceptedAsync(Square(5) with { Delay = TimeSpan.FromHours(1) })).Row.Id;
        Assert.Equal(JobState.Cancelled, Done(await Jobs.CancelAsync(Ours, waiting, Ct)).Row.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_are_submitted_and_read_at_once(bool atomic)
    {
        var kept = await AcceptedAsync(Square(1) with { Id = new JobId(Guid.CreateVersion7()), Delay = TimeSpan.FromHours(1) });
        var batch = Enumerable.Range(1, 20).Select(n => Square(n) with { Delay = n % 2 == 0 ? TimeSpan.FromHours(1) : null }).ToList();
        var outcomes = await Jobs.SubmitManyAsync(batch, atomic, Ct);
        var ids = outcomes.Select(outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome).Job.Row.Id).ToList();
        var waited = await Jobs.WaitManyAsync(Ours, [.. ids.Where((_, place) => place % 2 == 0)], all: true, Patience, Ct);
        Assert.Equal((10, 0), (waited.Done.Count, waited.Pending.Count));
        JobId[] asked = [.. ids, new JobId(Guid.CreateVersion7()), kept.Row.Id, ids[0]];
        var many = await Jobs.GetManyAsync(Ours, asked, Ct);
        Assert.Equal(asked.Select((id, place) => place == 20 ? (JobId?)null : id), many.Select(job => job?.Row.Id));

        var mixed = await Jobs.SubmitManyAsync([Square(1), Of("squaer", "{}")], atomic, Ct);
        Assert.Equal("unknown-task", Assert.IsType<SubmitOutcome.Refused>(mixed[1]).Refusal.Code);
        if (atomic) Assert.Equal("batch-refused", Assert.IsType<SubmitOutcome.Refused>(mixed[0]).Refusal.Code);
        else Assert.IsType<SubmitOutcome.Accepted>(mixed[0]);
    }

    [Fact]
    public async Task Waits_end_with_their_patience_and_with_a_change()
    {
        var id = (await AcceptedAsync(Square(5) with { Delay = TimeSpan.FromHours(1) })).Row.Id;
        Assert.Equal(JobState.Scheduled, (await Jobs.WaitFinishedAsync(Ours, id, TimeSpan.FromMilliseconds(20), Ct))!.Row.State);
        Assert.Equal(1, (await Jobs.WaitChangedAsync(Ours, id, 1, TimeSpan.FromMilliseconds(20), Ct))!.Row.Version);
        Assert.Equal([id], (await Jobs.WaitManyAsync(Ours, [id], all: false, TimeSpan.FromMilliseconds(20), Ct)).Pending);
        var changed = Jobs.WaitChangedAsync(Ours, id, 1, Patience, Ct).AsTask();
        Done(await Jobs.EditAsync(Ours, id, new JobCommand.Edit(1, null, null, null), Ct));
        Assert.Equal((2L, 1), ((await changed)!.Row.Version, (await changed)!.Row.Priority));
    }

    [Fact]
    public async Task Lists_go_page_by_page_and_counts_by_queue_task_and_state()
    {
        foreach (var n in Enumerable.Range(1, 7)) await AcceptedAsync(Square(n) with { Delay = TimeSpan.FromHours(1), Tags = n < 6 ? ["few"] : [] });
        var query = new JobQuery { Namespace = Ours, States = [JobState.Scheduled, JobState.Held], Task = "square", Queue = "default", Tag = "few", Limit = 2 };
        var pages = new List<int>();
        for (var page = await Jobs.ListAsync(query, Ct); ; page = await Jobs.ListAsync(query with { Before = page.Next }, Ct))
        {
            pages.Add(page.Rows.Count);
            Assert.All(page.Rows, job => Assert.True(job.Args.IsEmpty));
            if (page.Next is null) break;
        }
        Assert.Equal(5, pages.Sum());
        Assert.Equal([new JobCount("default", "square", JobState.Scheduled, 7)], (await Jobs.CountsAsync(Ours, Ct)).Where(count => count.Count > 0));
    }

    [Fact]
    public async Task A_job_is_followed_to_its_end_and_taken_up_behind_a_place()
    {
        var id = (await AcceptedAsync(Of("progress", """{"steps": 3, "delay": "1ms"}""") with { Delay = TimeSpan.FromHours(1) })).Row.Id;
        await using var events = Jobs.FollowAsync(Ours, id, null, Ct).GetAsyncEnumerator(Ct);
        Assert.True(await events.MoveNextAsync());
        var first = Assert.IsType<JobEvent.State>(events.Current);
        Assert.Equal(JobState.Scheduled, first.Now.Row.State);
        Done(await Jobs.RunNowAsync(Ours, id, Ct));
        var told = new List<JobEvent>();
        while (await events.MoveNextAsync()) told.Add(events.Current);
        Assert.Equal(JobState.Succeeded, Assert.IsType<JobEvent.Done>(told[^1]).Now.Row.State);
        Assert.Contains(told, happened => happened is JobEvent.Progress { Now.Percent: > 0 } progress && progress.Id == id);

        var again = await AllAsync(Jobs.FollowAsync(Ours, id, first.Place, Ct));
        Assert.Equal([JobState.Queued, JobState.Running, JobState.Succeeded], again.Select(StateOf));
    }

    [Fact]
    public async Task All_jobs_of_a_namespace_are_followed_behind_a_place()
    {
        var id = (await AcceptedAsync(Square(3))).Row.Id;
        await Jobs.WaitFinishedAsync(Ours, id, Patience, Ct);
        var rows = (await Jobs.HistoryAsync(Ours, id, Ct))!.Rows;
        var states = new List<JobState?>();
        await foreach (var happened in Jobs.FollowAllAsync(new JobQuery { Namespace = Ours, Task = "square" }, FeedPlace.Of(rows[0].Seq), Ct))
        {
            states.Add(StateOf(happened));
            if (happened is JobEvent.Done) break;
        }
        Assert.Equal([JobState.Running, JobState.Succeeded], states);
    }

    private protected static Submission Of(string task, string args) => new() { Namespace = Ours, Task = task, Args = Encoding.UTF8.GetBytes(args) };

    private protected static Submission Square(int n) => Of("square", $$"""{"n": {{n}}}""");

    private protected static Submission Sleep(string duration) => Of("sleep", $$"""{"duration": "{{duration}}"}""");

    private protected async Task<Job> AcceptedAsync(Submission submission) => Assert.IsType<SubmitOutcome.Accepted>(await Jobs.SubmitAsync(submission, Ct)).Job;

    private protected static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    private async Task<string> RefusedAsync(Submission submission) => Assert.IsType<SubmitOutcome.Refused>(await Jobs.SubmitAsync(submission, Ct)).Refusal.Code;

    private static Job Done(JobOutcome? outcome) => Assert.IsType<JobOutcome.Done>(outcome).Job;

    private static JobState? StateOf(JobEvent happened) => happened switch
    {
        JobEvent.State state => state.Now.Row.State,
        JobEvent.Done done => done.Now.Row.State,
        _ => null,
    };

    private static async Task<List<JobEvent>> AllAsync(IAsyncEnumerable<JobEvent> events)
    {
        var all = new List<JobEvent>();
        await foreach (var happened in events) all.Add(happened);
        return all;
    }
}
