using System.Collections.Concurrent;
using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.Memory;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Storage;

public sealed class MemoryJobStoreTests : JobStoreConformance
{
    protected override INodeStorage Open(TimeProvider time) => new MemoryStorage(time, new Random(1));

    protected override bool HasIndexes => false;
}

public sealed class SqliteJobStoreTests : JobStoreConformance
{
    protected override INodeStorage Open(TimeProvider time) =>
        SqliteStorage.Open($"Data Source={System.IO.Path.Combine(Folder, "jobs.db")}", time, new Random(1), _ => { });
}

/// <summary>What every job store does. Each store runs all of it.</summary>
public abstract partial class JobStoreConformance : IDisposable
{
    private static readonly Incarnation NodeA = new(Guid.CreateVersion7());
    private static readonly Incarnation NodeB = new(Guid.CreateVersion7());
    private static readonly Namespace Other = Namespace.Parse("other");

    private readonly ConcurrentDictionary<JobWrite, TaskCompletionSource> _reported = new();
    private readonly ManualTime _time = new();
    private INodeStorage _storage;

    protected JobStoreConformance()
    {
        Directory.CreateDirectory(Folder);
        _storage = Opened();
    }

    protected string Folder { get; } = Directory.CreateTempSubdirectory("actorperf-").FullName;

    protected abstract INodeStorage Open(TimeProvider time);

    /// <summary>Whether a search looks at fewer rows where an index knows which.</summary>
    protected virtual bool HasIndexes => true;

    private IJobStore Store => _storage.Jobs;

    [Fact]
    public async Task A_submitted_job_is_read_back_whole()
    {
        var row = Row() with
        {
            Priority = 7, ExpiresAt = _time.GetUtcNow().AddHours(1), Timeout = TimeSpan.FromSeconds(9), MaxAttempts = 3,
            Backoff = new BackoffPolicy(TimeSpan.FromSeconds(2), 3, TimeSpan.FromMinutes(5)), Tags = ["a", "ü"], Meta = "{\"x\":1}"u8.ToArray(),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", WhenLost = WhenLost.Fail,
        };

        var accepted = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(row, "{ \"n\": 9007199254740993 }"));
        var read = await ReadAsync(row.Id);

        Assert.NotNull(read);
        Assert.Equal("{ \"n\": 9007199254740993 }", Encoding.UTF8.GetString(read.Args.Span));
        Assert.Equal(JobState.Queued, read.Row.State);
        Assert.Equal(row.Tags, read.Row.Tags);
        Assert.Equal(row.Meta.ToArray(), read.Row.Meta.ToArray());
        Assert.Equal(
            accepted.Job.Row with { Tags = [], Meta = default },
            read.Row with { Tags = [], Meta = default });
        Assert.Equal((7, 3, row.Backoff, row.Timeout, row.TraceParent, row.WhenLost),
            (read.Row.Priority, read.Row.MaxAttempts, read.Row.Backoff, read.Row.Timeout, read.Row.TraceParent, read.Row.WhenLost));
    }

    [Fact]
    public async Task Another_namespace_does_not_see_it()
    {
        var row = Row();
        await SubmitAsync(row);
        Assert.Null((await Store.ReadManyAsync(Other, [row.Id], default))[0]);
        Assert.Null(await Store.ReadHistoryAsync(Other, row.Id, default));
        Assert.Empty((await Store.ListAsync(new JobQuery { Namespace = Other }, default)).Rows);
        Assert.Empty(await Store.CountAsync(Other, default));
        var elsewhere = await SubmitAsync(row with { Namespace = Other, Digest = Guid.NewGuid() });
        Assert.IsType<SubmitOutcome.Accepted>(elsewhere);
    }

    [Fact]
    public async Task The_same_id_and_body_is_the_same_job_and_another_body_is_refused()
    {
        var row = Row() with { Digest = Guid.NewGuid() };
        await SubmitAsync(row);
        Assert.Equal(row.Id, Assert.IsType<SubmitOutcome.Deduplicated>(await SubmitAsync(row)).Job.Row.Id);
        var refused = Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(row with { Digest = Guid.NewGuid() }));
        Assert.Equal("id-conflict", refused.Refusal.Code);
        Assert.Equal(1, (await Store.CountAsync(Namespace.Default, default)).Sum(count => count.Count));
    }

    [Fact]
    public async Task An_idempotency_key_repeats_its_job_for_a_day()
    {
        var digest = Guid.NewGuid();
        var first = Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row() with { Digest = digest }, key: "k"));
        var again = Assert.IsType<SubmitOutcome.Replayed>(await SubmitAsync(Row() with { Digest = digest }, key: "k"));
        Assert.Equal(first.Job.Row.Id, again.Job.Row.Id);
        var mismatch = Assert.IsType<SubmitOutcome.Refused>(await SubmitAsync(Row() with { Digest = Guid.NewGuid() }, key: "k"));
        Assert.Equal("idempotency-mismatch", mismatch.Refusal.Code);
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row() with { Namespace = Other, Digest = digest }, key: "k"));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.IsType<SubmitOutcome.Accepted>(await SubmitAsync(Row() with { Digest = digest }, key: "k"));
    }

    [Fact]
    public async Task An_atomic_batch_is_all_or_none()
    {
        var taken = Row() with { Digest = Guid.NewGuid() };
        await SubmitAsync(taken);
        var write = new JobWrite.Submit([New(Row()), New(taken with { Digest = Guid.NewGuid() }), New(Row())], atomic: true);
        await PostAsync(write);
        Assert.Equal(["batch-refused", "id-conflict", "batch-refused"], write.Outcomes.Select(outcome => Assert.IsType<SubmitOutcome.Refused>(outcome).Refusal.Code));
        Assert.Equal(1, (await Store.CountAsync(null, default)).Sum(count => count.Count));
        var accepted = new JobWrite.Submit([New(Row()), New(Row())], atomic: true);
        await PostAsync(accepted);
        Assert.All(accepted.Outcomes, outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        await CleanAsync();
    }

    [Fact]
    public async Task A_claim_takes_the_line_in_order_of_rank()
    {
        var low = Row() with { Priority = 0 };
        var high = Row() with { Priority = 9 };
        var later = Row() with { RunAt = _time.GetUtcNow().AddHours(1) };
        var elsewhere = Row() with { Queue = "other" };
        foreach (var row in new[] { low, later, elsewhere, high }) await SubmitAsync(row);

        var claim = await ClaimAsync(10);

        Assert.Equal([high.Id, low.Id], claim.Taken.Select(job => job.Row.Id));
        Assert.All(claim.Taken, job => Assert.Equal((JobState.Running, 1, NodeA, "a"), (job.Row.State, job.Row.Attempt, job.Row.Run!.Value.Owner, job.Row.Node)));
        Assert.Empty((await ClaimAsync(10)).Taken);
        Assert.Equal(2, claim.Taken.Select(job => job.Row.Run!.Value.Lease).Distinct().Count());
    }

    [Fact]
    public async Task A_claim_takes_no_more_than_it_asked_for_and_the_oldest_first()
    {
        var rows = Enumerable.Range(0, 10).Select(_ => Row()).ToArray();
        foreach (var row in rows) await SubmitAsync(row);
        Assert.Equal(rows.Take(3).Select(row => row.Id), (await ClaimAsync(3)).Taken.Select(job => job.Row.Id));
    }

    [Fact]
    public async Task Expired_jobs_are_met_and_passed_by_a_claim()
    {
        var expired = Row() with { ExpiresAt = _time.GetUtcNow().AddSeconds(1) };
        var good = Row();
        await SubmitAsync(expired);
        await SubmitAsync(good);
        _time.Advance(TimeSpan.FromSeconds(1));
        var claim = await ClaimAsync(1);
        Assert.Equal([good.Id], claim.Taken.Select(job => job.Row.Id));
        Assert.Equal([expired.Id], claim.Expired.Select(job => job.Row.Id));
        Assert.Equal(JobState.Expired, (await ReadAsync(expired.Id))!.Row.State);
    }

    [Fact]
    public async Task A_submit_takes_its_own_jobs_at_once_when_nothing_stands_before_them()
    {
        var rows = new[] { Row(), Row() with { Queue = "other" }, Row() with { RunAt = _time.GetUtcNow().AddHours(1) }, Row(), Row() };
        var write = await SubmitAtOnceAsync(2, atomic: false, rows);

        Assert.Equal([rows[0].Id, rows[3].Id], write.AtOnce!.Taken.Select(job => job.Row.Id));
        Assert.All(write.AtOnce.Taken, job => Assert.Equal((JobState.Running, 1, 2L, NodeA), (job.Row.State, job.Row.Attempt, job.Row.Version, job.Row.Run!.Value.Owner)));
        Assert.Equal(
            [JobState.Queued, JobState.Queued, JobState.Scheduled, JobState.Queued, JobState.Queued],
            write.Outcomes.Select(outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome).Job.Row.State));
        var taken = write.AtOnce.Taken[1];
        Assert.Equal(taken.Row with { Tags = [], Meta = default }, (await ReadAsync(taken.Row.Id))!.Row with { Tags = [], Meta = default });
        Assert.Equal(
            [(null, JobState.Queued, null), (JobState.Queued, JobState.Running, "a")],
            (await Store.ReadHistoryAsync(Namespace.Default, taken.Row.Id, default))!.Rows.Select(row => (row.From, row.To, row.Node)));
        Assert.Equal([rows[4].Id], (await ClaimAsync(9)).Taken.Select(job => job.Row.Id));
        Assert.IsType<JobDecision.Moved>((await ChangeAsync(taken, new JobCommand.Finish(taken.Row.Run!.Value, false), "1")).Decision);
        await CleanAsync();
    }

    [Fact]
    public async Task A_submit_takes_nothing_over_the_head_of_a_job_that_waits()
    {
        var waiting = Row();
        await SubmitAsync(waiting);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, Row())).AtOnce!.Taken);
        var urgent = Row() with { Priority = 6 };
        Assert.Equal([urgent.Id], (await SubmitAtOnceAsync(1, atomic: false, urgent)).AtOnce!.Taken.Select(job => job.Row.Id));
        Assert.Equal(waiting.Id, (await ClaimAsync(2)).Taken[0].Row.Id);
        await CleanAsync();
    }

    [Fact]
    public async Task A_submit_that_stores_nothing_new_takes_nothing()
    {
        var known = Row();
        await SubmitAsync(known, key: "k");
        await ClaimAsync(1);
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, known)).AtOnce!.Taken);
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, known with { Digest = Guid.NewGuid() })).AtOnce!.Taken);
        var replay = new JobWrite.Submit([New(Row() with { Digest = known.Digest }, key: "k")]) { AtOnce = new JobWrite.Claim("default", 1, NodeA, "a") };
        await PostAsync(replay);
        Assert.Empty(replay.AtOnce.Taken);
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, Row() with { ExpiresAt = _time.GetUtcNow() })).AtOnce!.Taken);
        var batch = await SubmitAtOnceAsync(2, atomic: true, Row(), known with { Digest = Guid.NewGuid() });
        Assert.Empty(batch.AtOnce!.Taken);
        Assert.Equal((1, 1), (await CountAsync(JobState.Running), await CountAsync(JobState.Queued)));
        await CleanAsync();
    }

    [Fact]
    public async Task A_finish_keeps_the_result_exactly_and_a_second_one_is_late()
    {
        var job = await RunningAsync();
        var change = await ChangeAsync(job, new JobCommand.Finish(job.Row.Run!.Value, false), "{\"r\": 1e400}");
        Assert.Equal(JobState.Succeeded, Assert.IsType<JobDecision.Moved>(change.Decision).Next.State);
        var read = (await ReadAsync(job.Row.Id))!;
        Assert.Equal("{\"r\": 1e400}", Encoding.UTF8.GetString(read.Result!.Value.Span));
        var late = await ChangeAsync(job, new JobCommand.Finish(job.Row.Run.Value, false), "2");
        Assert.Equal("late-report", Assert.IsType<JobDecision.Refused>(late.Decision).Refusal.Code);
        Assert.Equal("{\"r\": 1e400}", Encoding.UTF8.GetString((await ReadAsync(job.Row.Id))!.Result!.Value.Span));
        await CleanAsync();
    }

    [Fact]
    public async Task A_stale_owner_changes_nothing_after_the_job_was_taken_from_it()
    {
        var first = await RunningAsync();
        await PostAsync(new JobWrite.Reap([NodeB], 100));
        _time.Advance(TimeSpan.FromHours(2));
        await PostAsync(new JobWrite.Sweep(100));
        var second = Assert.Single((await ClaimAsync(1, NodeB)).Taken);
        Assert.Equal(2, second.Row.Attempt);
        foreach (var command in new JobCommand[] { new JobCommand.Finish(first.Row.Run!.Value, false), new JobCommand.Fail(first.Row.Run.Value, new TaskError("x", "y"), 0), new JobCommand.HandBack(first.Row.Run.Value) })
            Assert.IsType<JobDecision.Refused>((await ChangeAsync(first, command, "1")).Decision);
        Assert.Equal(second.Row, (await ReadAsync(second.Row.Id))!.Row with { Tags = second.Row.Tags, Meta = second.Row.Meta });
        Assert.IsType<JobDecision.Moved>((await ChangeAsync(second, new JobCommand.Finish(second.Row.Run!.Value, false), "2")).Decision);
        await CleanAsync();
    }

    [Fact]
    public async Task A_change_that_rests_on_an_old_copy_is_decided_on_the_row()
    {
        var job = await RunningAsync();
        await ChangeAsync(job.Row.Id, new JobCommand.Cancel());
        var change = await ChangeAsync(job, new JobCommand.Fail(job.Row.Run!.Value, new TaskError("x", "y"), 0), null);
        Assert.Equal(JobState.Cancelled, Assert.IsType<JobDecision.Moved>(change.Decision).Next.State);
    }

    [Fact]
    public async Task History_tells_every_transition_in_order_with_attempts()
    {
        var job = await RunningAsync();
        var attempt = new AttemptRecord(1, new TaskError("Boom", "it broke"), [new LogLine(_time.GetUtcNow(), LogLevel.Warning, "half way\u0007")], 3);
        await PostAsync(new JobWrite.Change(job, new JobCommand.Fail(job.Row.Run!.Value, attempt.Error!, 1)) { Attempt = attempt });
        _time.Advance(TimeSpan.FromSeconds(2));
        await PostAsync(new JobWrite.Sweep(100));
        var second = Assert.Single((await ClaimAsync(1)).Taken);
        await ChangeAsync(second, new JobCommand.Finish(second.Row.Run!.Value, false), "1");

        var history = (await Store.ReadHistoryAsync(Namespace.Default, job.Row.Id, default))!;

        Assert.Equal(
            [(null, JobState.Queued), (JobState.Queued, JobState.Running), (JobState.Running, JobState.Retrying), (JobState.Retrying, JobState.Queued),
                (JobState.Queued, JobState.Running), (JobState.Running, JobState.Succeeded)],
            history.Rows.Select(row => (row.From, row.To)));
        Assert.Equal([1L, 2, 3, 4, 5, 6], history.Rows.Select(row => row.Version));
        Assert.Equal(history.Rows.Select(row => row.Seq).Order(), history.Rows.Select(row => row.Seq));
        Assert.False(history.Pruned);
        var kept = Assert.Single(history.Attempts);
        Assert.Equal((1, "Boom", 3, "half way\u0007"), (kept.Attempt, kept.Error!.Type, kept.Dropped, Assert.Single(kept.Lines).Text));
        await CleanAsync();
    }

    [Fact]
    public async Task Counts_follow_every_change()
    {
        var rows = Enumerable.Range(0, 5).Select(_ => Row()).ToArray();
        foreach (var row in rows) await SubmitAsync(row);
        var claim = await ClaimAsync(3);
        await ChangeAsync(claim.Taken[0], new JobCommand.Finish(claim.Taken[0].Row.Run!.Value, false), "1");
        await ChangeAsync(rows[4].Id, new JobCommand.Cancel());
        var counts = (await Store.CountAsync(Namespace.Default, default)).ToDictionary(count => count.State, count => count.Count);
        Assert.Equal(new Dictionary<JobState, long> { [JobState.Queued] = 1, [JobState.Running] = 2, [JobState.Succeeded] = 1, [JobState.Cancelled] = 1 }, counts);
    }

    [Fact]
    public async Task Lists_filter_and_page_newest_first()
    {
        var rows = Enumerable.Range(0, 25).Select(i => Row() with { Queue = i % 2 == 0 ? "even" : "odd", Tags = i % 5 == 0 ? ["five"] : [] }).ToArray();
        foreach (var row in rows) await SubmitAsync(row);
        await ChangeAsync(rows[3].Id, new JobCommand.Cancel());

        Assert.Equal(rows.Reverse().Select(row => row.Id), await PagesAsync(new JobQuery { Namespace = Namespace.Default, Limit = 4 }));
        Assert.Equal(rows.Where((_, i) => i % 2 == 0).Reverse().Select(row => row.Id), await PagesAsync(new JobQuery { Namespace = Namespace.Default, Queue = "even", Limit = 5 }));
        Assert.Equal(rows.Where((_, i) => i % 5 == 0).Reverse().Select(row => row.Id), await PagesAsync(new JobQuery { Namespace = Namespace.Default, Tag = "five", Limit = 2 }));
        Assert.Equal([rows[3].Id], await PagesAsync(new JobQuery { Namespace = Namespace.Default, States = [JobState.Cancelled] }));
        Assert.Equal([rows[3].Id], await PagesAsync(new JobQuery { Namespace = Namespace.Default, States = [JobState.Cancelled, JobState.Failed], Queue = "odd" }));
        Assert.Empty(await PagesAsync(new JobQuery { Namespace = Namespace.Default, States = [JobState.Retrying], Tag = "five" }));
        Assert.Empty(await PagesAsync(new JobQuery { Namespace = Namespace.Default, Task = "nothing" }));
    }

    [Fact]
    public async Task Due_jobs_join_the_line_and_the_next_due_time_is_told()
    {
        var soon = Row() with { RunAt = _time.GetUtcNow().AddSeconds(10) };
        var later = Row() with { RunAt = _time.GetUtcNow().AddSeconds(20) };
        await SubmitAsync(soon);
        await SubmitAsync(later);
        Assert.Equal(soon.RunAt, await Store.NextDueAsync(default));
        Assert.Empty((await ClaimAsync(5)).Taken);
        _time.Advance(TimeSpan.FromSeconds(10));
        var sweep = new JobWrite.Sweep(100);
        await PostAsync(sweep);
        Assert.Equal([soon.Id], sweep.Moved.Select(job => job.Row.Id));
        Assert.Equal(later.RunAt, sweep.NextDue);
        Assert.Equal([soon.Id], (await ClaimAsync(5)).Taken.Select(job => job.Row.Id));
        await CleanAsync();
    }

    [Fact]
    public async Task The_reaper_takes_only_from_the_dead()
    {
        var dead = await RunningAsync();
        await SubmitAsync(Row());
        var alive = Assert.Single((await ClaimAsync(1, NodeB)).Taken);
        var reap = new JobWrite.Reap([NodeB], 100);
        await PostAsync(reap);
        Assert.Equal([dead.Row.Id], reap.Moved.Select(job => job.Row.Id));
        Assert.Equal(alive.Row.Run, (await ReadAsync(alive.Row.Id))!.Row.Run);
    }

    [Fact]
    public async Task The_runs_of_an_owner_are_told_over_all_namespaces()
    {
        var here = await RunningAsync();
        var elsewhere = Row() with { Namespace = Other };
        await SubmitAsync(elsewhere);
        await ClaimAsync(1);
        await SubmitAsync(Row());
        var theirs = Assert.Single((await ClaimAsync(1, NodeB)).Taken);
        Assert.Equal([here.Row.Id, elsewhere.Id], (await Store.ReadRunningAsync(NodeA, default)).Select(job => job.Row.Id));
        Assert.Equal([theirs.Row.Run], (await Store.ReadRunningAsync(NodeB, default)).Select(job => job.Row.Run));
    }

    [Fact]
    public async Task The_feed_tells_changes_in_order_behind_a_cursor()
    {
        var a = Row();
        await SubmitAsync(a);
        await SubmitAsync(Row() with { Namespace = Other });
        var last = (await _storage.Feed.ReadAsync(FeedPlace.Start, null, 100, default)).Rows[^1].Place;
        var before = FeedPlace.Start;
        // Transactions of a server's other databases hold the end for a while.
        await Eventually.Is(async () => (before = await _storage.Feed.EndAsync(default)) >= last, "the rows are decided");
        await ChangeAsync(a.Id, new JobCommand.Cancel());
        var slice = await _storage.Feed.ReadAsync(before, null, 100, default);
        var row = Assert.Single(slice.Rows);
        Assert.Equal(((int?)JobState.Cancelled, a.Id.Value), (row.To, row.Job!.Value.Id));
        Assert.True(row.Place > before);
    }

    [Fact]
    public async Task Retention_deletes_what_is_old_and_nothing_else()
    {
        var old = await RunningAsync();
        await ChangeAsync(old, new JobCommand.Finish(old.Row.Run!.Value, false), "1");
        var waiting = Row();
        await SubmitAsync(waiting, key: "k");
        _time.Advance(TimeSpan.FromDays(10));
        var young = await SubmitAsync(Row());
        await ChangeAsync(((SubmitOutcome.Accepted)young).Job.Row.Id, new JobCommand.Cancel());

        await PostAsync(new JobWrite.Prune(Keeps(days: 7), 100));

        Assert.Null(await ReadAsync(old.Row.Id));
        Assert.NotNull(await ReadAsync(waiting.Id));
        Assert.NotNull(await ReadAsync(((SubmitOutcome.Accepted)young).Job.Row.Id));
        await CleanAsync();
    }

    [Fact]
    public async Task Random_commands_do_what_the_rules_say()
    {
        // The store against the pure rules: every write's outcome must be the one that the rules give for the row read just before.
        const int Seed = 20261121;
        var random = new Random(Seed);
        var ids = new List<JobId>();
        for (var step = 0; step < FullRun.Of(1_000, 400); step++)
        {
            if (ids.Count < 20 || random.Next(10) == 0)
            {
                var row = Row() with { MaxAttempts = random.Next(1, 4), Priority = random.Next(10) };
                ids.Add(row.Id);
                if (random.Next(2) == 0)
                {
                    await SubmitAsync(row);
                    continue;
                }
                var first = (await Store.ListAsync(new JobQuery { Namespace = Namespace.Default, States = [JobState.Queued], Limit = 500 }, default)).Rows
                    .All(job => JobRules.Rank(job.Row) > JobRules.Rank(row with { RunAt = _time.GetUtcNow() }));
                var taken = (await SubmitAtOnceAsync(1, random.Next(2) == 0, row)).AtOnce!.Taken.Count;
                Assert.True(taken == (first ? 1 : 0), $"seed {Seed}, step {step}: {taken} taken, first of its line: {first}");
                continue;
            }
            if (random.Next(5) == 0)
            {
                await ClaimAsync(random.Next(1, 5), random.Next(2) == 0 ? NodeA : NodeB);
                continue;
            }
            if (random.Next(20) == 0)
            {
                _time.Advance(TimeSpan.FromSeconds(random.Next(5)));
                await PostAsync(new JobWrite.Sweep(50));
                continue;
            }
            var id = ids[random.Next(ids.Count)];
            var before = (await ReadAsync(id))!;
            var run = before.Row.Run is { } own && random.Next(5) > 0 ? own : new Run(NodeB, Guid.NewGuid(), before.Row.Attempt);
            JobCommand command = random.Next(6) switch
            {
                0 => new JobCommand.Cancel(),
                1 => new JobCommand.Fail(run, new TaskError("x", "y"), 0.5),
                2 => new JobCommand.Stop(run),
                3 => new JobCommand.HandBack(run),
                4 => new JobCommand.Lose(run, 0.5),
                _ => new JobCommand.Finish(run, false),
            };
            var expected = JobRules.Decide(before.Row, command, _time.GetUtcNow());
            var change = new JobWrite.Change(Namespace.Default, id, command) { Result = "1"u8.ToArray() };
            await PostAsync(change);
            var after = (await ReadAsync(id))!;
            var wanted = expected is JobDecision.Moved moved ? moved.Next with { HistorySeq = after.Row.HistorySeq } : before.Row;
            Assert.True(Same(wanted, after.Row), $"seed {Seed}, step {step}: {command} made {after.Row} and not {wanted}");
        }
        await CleanAsync();
    }

    public void Dispose()
    {
        _storage.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private INodeStorage Opened()
    {
        var storage = Open(_time);
        storage.Jobs.Reported = writes =>
        {
            foreach (var write in writes) _reported.GetOrAdd(write, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        };
        return storage;
    }

    private void Reopen()
    {
        _storage.Dispose();
        _storage = Opened();
    }

    private static bool Same(JobRow a, JobRow b) => (a with { Tags = [], Meta = default, Error = null }) == (b with { Tags = [], Meta = default, Error = null });

    private static JobRow Row() => new()
    {
        Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "noop", Queue = "default", Digest = Guid.NewGuid(),
    };

    private static NewJob New(JobRow row, string args = "{}", string? key = null) => new(row, Encoding.UTF8.GetBytes(args), key);

    private async Task<SubmitOutcome> SubmitAsync(JobRow row, string args = "{}", string? key = null)
    {
        var write = new JobWrite.Submit([New(row, args, key)]);
        await PostAsync(write);
        return write.Outcomes[0];
    }

    private async Task<JobWrite.Submit> SubmitAtOnceAsync(int permits, bool atomic, params JobRow[] rows)
    {
        var write = new JobWrite.Submit([.. rows.Select(row => New(row))], atomic) { AtOnce = new JobWrite.Claim("default", permits, NodeA, "a") };
        await PostAsync(write);
        return write;
    }

    private async Task<long> CountAsync(JobState state) =>
        (await Store.CountAsync(null, default)).Where(count => count.State == state).Sum(count => count.Count);

    private async Task<JobWrite.Claim> ClaimAsync(int count, Incarnation? owner = null)
    {
        var write = new JobWrite.Claim("default", count, owner ?? NodeA, "a");
        await PostAsync(write);
        return write;
    }

    private async Task<Job> RunningAsync()
    {
        await SubmitAsync(Row());
        return Assert.Single((await ClaimAsync(1)).Taken);
    }

    private async Task<JobWrite.Change> ChangeAsync(Job known, JobCommand command, string? result)
    {
        var write = new JobWrite.Change(known, command) { Result = result is null ? null : Encoding.UTF8.GetBytes(result) };
        await PostAsync(write);
        return write;
    }

    private async Task<JobWrite.Change> ChangeAsync(JobId id, JobCommand command)
    {
        var write = new JobWrite.Change(Namespace.Default, id, command);
        await PostAsync(write);
        return write;
    }

    private async Task PostAsync(JobWrite write)
    {
        var reported = _reported.GetOrAdd(write, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        Assert.True(Store.TryPost(write));
        await reported.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(write.Failure);
    }

    private async Task<Job?> ReadAsync(JobId id) => (await Store.ReadManyAsync(Namespace.Default, [id], default))[0];

    private async Task<List<JobId>> PagesAsync(JobQuery query)
    {
        var ids = new List<JobId>();
        for (var page = await Store.ListAsync(query, default); ; page = await Store.ListAsync(query with { Before = page.Next }, default))
        {
            Assert.True(page.Rows.Count <= query.Limit);
            ids.AddRange(page.Rows.Select(job => job.Row.Id));
            if (page.Next is null) return ids;
        }
    }

    private async Task CleanAsync() => Assert.Empty((await _storage.VerifyAsync(default)).Violations);
}
