using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Limits of queues and keys, as claims hold them.</content>
public abstract partial class JobStoreConformance
{
    private static readonly Rate ThreeASecond = new(3, TimeSpan.FromSeconds(1));

    [Fact]
    public async Task A_queue_never_runs_more_than_its_concurrency_and_the_end_of_a_run_wakes_it()
    {
        await SubmitRowsAsync(5);
        var limits = new QueueLimits { Concurrency = 2 };
        var first = await ClaimUnderAsync(10, limits);
        Assert.Equal(2, first.Taken.Count);
        Assert.Empty((await ClaimUnderAsync(10, limits)).Taken);
        var end = await FinishAsync(first.Taken[0]);
        Assert.Equal(["default"], end.Wakes);
        Assert.Single((await ClaimUnderAsync(10, limits)).Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task What_is_set_for_a_queue_wins_until_it_is_reset()
    {
        await SubmitRowsAsync(5);
        var configured = new QueueLimits { Concurrency = 4 };
        var pause = new JobWrite.SetQueue("default", new QueueChange { Paused = new Setting<bool>(true), Concurrency = new Setting<int>(1), Rate = new Setting<Rate>(ThreeASecond) });
        await PostAsync(pause);
        Assert.Equal(["default"], pause.Wakes);
        Assert.Empty((await ClaimUnderAsync(10, configured)).Taken);
        var stored = Assert.Single(await Store.ReadQueueSettingsAsync(default));
        Assert.Equal(("default", new QueueOverrides { Paused = true, Concurrency = 1, Rate = ThreeASecond }), (stored.Key, stored.Value));
        var resume = new JobWrite.SetQueue("default", new QueueChange { Paused = new Setting<bool>(null) });
        await PostAsync(resume);
        Assert.Equal(new QueueOverrides { Concurrency = 1, Rate = ThreeASecond }, resume.Now);
        Assert.Single((await ClaimUnderAsync(10, configured)).Taken);
        await PostAsync(new JobWrite.SetQueue("default", null));
        Assert.Empty(await Store.ReadQueueSettingsAsync(default));
        Assert.Equal(3, (await ClaimUnderAsync(10, configured)).Taken.Count);
        await CleanAsync();
    }

    [Fact]
    public async Task A_rate_holds_in_every_stretch_and_says_when_to_look_again()
    {
        await SubmitRowsAsync(8);
        var limits = new QueueLimits { Rate = ThreeASecond };
        Assert.Equal(2, (await ClaimUnderAsync(2, limits)).Taken.Count);
        _time.Advance(TimeSpan.FromMilliseconds(600));
        var second = await ClaimUnderAsync(10, limits);
        Assert.Single(second.Taken);
        Assert.Equal(_time.GetUtcNow().AddMilliseconds(400), second.LookAgain);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        var third = await ClaimUnderAsync(10, limits);
        Assert.Equal(2, third.Taken.Count);
        Assert.Equal(_time.GetUtcNow().AddMilliseconds(600), third.LookAgain);
        Assert.Equal(0, (await Store.ReadFlowAsync(Namespace.Default, ["default"], [], default)).Queues["default"].Starts.Free(ThreeASecond, _time.GetUtcNow()));
    }

    [Fact]
    public async Task Jobs_whose_key_is_used_up_are_passed_over_where_they_stand()
    {
        var (a, b) = (await SubmitKeyedAsync("eu", 4), await SubmitKeyedAsync("us", 2));
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var first = await ClaimUnderAsync(10, limits);
        Assert.Equal([a[0].Id, b[0].Id], Ids(first));
        var version = (await ReadAsync(a[1].Id))!.Row;
        Assert.Equal((JobState.Queued, 1), (version.State, version.Version));
        Assert.Empty((await ClaimUnderAsync(10, limits)).Taken);
        var use = await Store.ReadFlowAsync(Namespace.Default, [], ["eu", "us", "nobody"], default);
        Assert.Equal((1L, 3L), (use.Keys["eu"].Running, use.Keys["eu"].Queued));
        Assert.False(use.Keys.ContainsKey("nobody"));
        Assert.Equal(["default"], (await FinishAsync(first.Taken[0])).Wakes);
        Assert.Equal([a[1].Id], Ids(await ClaimUnderAsync(10, limits)));
        await CleanAsync();
    }

    [Fact]
    public async Task A_job_stored_behind_blocked_ones_of_its_key_takes_its_place_by_rank_and_leaves_it_when_it_is_cancelled()
    {
        var first = await SubmitKeyedAsync("eu", 3);
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var runs = await ClaimUnderAsync(10, limits);
        Assert.Equal([first[0].Id], Ids(runs));
        // The key is used up and every queued job of it is marked: these are stored with their mark.
        var urgent = (await SubmitKeyedAsync("eu", 2, priority: 9)).ToArray();
        Assert.Equal(4L, (await Store.ReadFlowAsync(Namespace.Default, [], ["eu"], default)).Keys["eu"].Queued);
        Assert.Empty((await ClaimUnderAsync(10, limits)).Taken);
        await PostAsync(new JobWrite.Change(Namespace.Default, urgent[0].Id, new JobCommand.Cancel()));
        await FinishAsync(runs.Taken[0]);
        var next = await ClaimUnderAsync(10, limits);
        Assert.Equal([urgent[1].Id], Ids(next));
        await FinishAsync(next.Taken[0]);
        Assert.Equal([first[1].Id], Ids(await ClaimUnderAsync(10, limits)));
        await CleanAsync();
    }

    [Fact]
    public async Task Among_what_may_run_rank_decides()
    {
        var late = (await SubmitKeyedAsync("eu", 3)).ToArray();
        var urgent = (await SubmitKeyedAsync("eu", 1, priority: 9))[0];
        var plain = Row();
        await SubmitAsync(plain);
        var limits = new QueueLimits { KeyConcurrency = 2 };
        Assert.Equal([urgent.Id, late[0].Id, plain.Id], Ids(await ClaimUnderAsync(10, limits)));
    }

    [Fact]
    public async Task A_job_of_low_priority_ages_past_newer_ones()
    {
        var old = Row() with { Priority = 0 };
        await SubmitAsync(old);
        _time.Advance(TimeSpan.FromMinutes(10));
        for (var i = 0; i < 20; i++) await SubmitAsync(Row() with { Priority = 9 });
        Assert.Equal([old.Id], Ids(await ClaimUnderAsync(1, new QueueLimits { Concurrency = 5 })));
        await SubmitAsync(Row() with { Priority = 0 });
        _time.Advance(TimeSpan.FromMinutes(8));
        var next = Row() with { Priority = 9 };
        await SubmitAsync(next);
        Assert.DoesNotContain(next.Id, Ids(await ClaimUnderAsync(20, new QueueLimits { Concurrency = 50 })));
    }

    [Fact]
    public async Task A_key_counts_over_queues_and_wakes_all_that_wait_for_it()
    {
        await SubmitKeyedAsync("eu", 2);
        var elsewhere = await SubmitKeyedAsync("eu", 2, "slow");
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var first = await ClaimUnderAsync(10, limits);
        Assert.Single(first.Taken);
        Assert.Empty((await ClaimUnderAsync(10, limits, "slow")).Taken);
        Assert.Equal(["default", "slow"], (await FinishAsync(first.Taken[0])).Wakes!.Order());
        Assert.Equal([elsewhere[0].Id], Ids(await ClaimUnderAsync(10, limits, "slow")));
        Assert.Empty((await ClaimUnderAsync(10, limits)).Taken);
        var other = await SubmitKeyedAsync("eu", 1, ns: Other);
        Assert.Equal([other[0].Id], Ids(await ClaimUnderAsync(10, limits)));
        await CleanAsync();
    }

    [Fact]
    public async Task A_named_limit_goes_before_the_queues()
    {
        await SubmitKeyedAsync("eu", 5);
        await SubmitKeyedAsync("us", 5);
        var named = new Dictionary<string, KeyLimit> { ["eu"] = new(3, default) };
        Assert.Equal(4, (await ClaimUnderAsync(10, new QueueLimits { KeyConcurrency = 1 }, keys: named)).Taken.Count);
    }

    [Fact]
    public async Task A_rate_of_a_key_holds_up_that_key_alone_until_its_time_comes()
    {
        var (eu, us) = (await SubmitKeyedAsync("eu", 5), await SubmitKeyedAsync("us", 1));
        var limits = new QueueLimits { KeyRate = ThreeASecond };
        var first = await ClaimUnderAsync(10, limits);
        Assert.Equal([.. eu.Take(3).Select(row => row.Id), us[0].Id], Ids(first));
        Assert.Equal(_time.GetUtcNow().AddSeconds(1), first.LookAgain);
        foreach (var job in first.Taken) await FinishAsync(job);
        Assert.Empty((await ClaimUnderAsync(10, limits)).Taken);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(eu.Skip(3).Select(row => row.Id), Ids(await ClaimUnderAsync(10, limits)));
        await CleanAsync();
    }

    [Fact]
    public async Task No_job_is_forgotten_when_the_one_let_in_before_it_leaves()
    {
        var rows = await SubmitKeyedAsync("eu", 4);
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var first = await ClaimUnderAsync(10, limits);
        await FinishAsync(first.Taken[0]);
        // The claim lets the second in, but takes only the plain job that goes before it.
        var plain = Row() with { Priority = 9 };
        await SubmitAsync(plain);
        Assert.Equal([plain.Id], Ids(await ClaimUnderAsync(1, limits)));
        Assert.Equal(["default"], (await ChangeAsync(rows[1].Id, new JobCommand.Cancel())).Wakes);
        Assert.Null((await ChangeAsync(rows[3].Id, new JobCommand.Cancel())).Wakes);
        Assert.Equal([rows[2].Id], Ids(await ClaimUnderAsync(10, limits)));
        await CleanAsync();
    }

    [Fact]
    public async Task A_limit_that_is_lifted_lets_all_in()
    {
        await SubmitKeyedAsync("eu", 30);
        Assert.Single((await ClaimUnderAsync(10, new QueueLimits { KeyConcurrency = 1 })).Taken);
        var lifted = new JobWrite.SetQueue("default", new QueueChange { KeyConcurrency = new Setting<int>(0) });
        await PostAsync(lifted);
        Assert.Equal("default", lifted.Wakes![0]);
        for (var left = 29; left > 0;)
        {
            var taken = (await ClaimUnderAsync(4, new QueueLimits { KeyConcurrency = 1 })).Taken.Count;
            Assert.Equal(Math.Min(4, left), taken);
            left -= taken;
        }
        await CleanAsync();
    }

    [Fact]
    public async Task The_reaper_frees_keys_and_queues()
    {
        await SubmitKeyedAsync("eu", 2);
        var limits = new QueueLimits { Concurrency = 1, KeyConcurrency = 1 };
        Assert.Single((await ClaimUnderAsync(10, limits)).Taken);
        await ClaimUnderAsync(10, limits);
        var reap = new JobWrite.Reap([NodeB], 100);
        await PostAsync(reap);
        Assert.Contains("default", reap.Wakes!);
        Assert.Single((await ClaimUnderAsync(10, limits)).Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task A_refused_atomic_batch_leaves_no_trace_in_the_counts()
    {
        var taken = (await SubmitKeyedAsync("eu", 3))[0];
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var running = (await ClaimUnderAsync(10, limits)).Taken[0];
        var write = new JobWrite.Submit([New(Row() with { LimitKey = "eu" }), New(taken with { Digest = Guid.NewGuid() })], atomic: true);
        await PostAsync(write);
        Assert.Equal(2, (await Store.ReadFlowAsync(Namespace.Default, [], ["eu"], default)).Keys["eu"].Queued);
        await FinishAsync(running);
        Assert.Single((await ClaimUnderAsync(10, limits)).Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task Jobs_that_a_limit_may_hold_back_do_not_start_at_once()
    {
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, Row() with { LimitKey = "eu" })).AtOnce!.Taken);
        Assert.Single((await ClaimAsync(1)).Taken);
        await PostAsync(new JobWrite.SetQueue("default", new QueueChange { Paused = new Setting<bool>(true) }));
        Assert.Empty((await SubmitAtOnceAsync(1, atomic: false, Row())).AtOnce!.Taken);
        await CleanAsync();
    }

    [Fact]
    public async Task A_place_counts_those_that_go_before()
    {
        var eu = await SubmitKeyedAsync("eu", 5);
        var us = await SubmitKeyedAsync("us", 3);
        await ClaimUnderAsync(2, new QueueLimits { KeyConcurrency = 1 });
        Assert.True((await Store.OldestWaitingAsync(null, default)).ContainsKey("default"));
        Assert.Equal(1, await Store.CountBeforeAsync((await ReadAsync(eu[2].Id))!.Row, 10_000, default));
        Assert.Equal(3, await Store.CountBeforeAsync((await ReadAsync(eu[4].Id))!.Row, 10_000, default));
        Assert.Equal(2, await Store.CountBeforeAsync((await ReadAsync(eu[4].Id))!.Row, 2, default));
        // Those of the other key that are held back go behind it.
        Assert.Equal(1, await Store.CountBeforeAsync((await ReadAsync(us[2].Id))!.Row, 10_000, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_oldest_that_waits_is_told_for_a_namespace_and_for_all(bool blocked)
    {
        await SubmitKeyedAsync("eu", 2);
        if (blocked) Assert.Single((await ClaimUnderAsync(10, new QueueLimits { KeyConcurrency = 1 })).Taken);
        Assert.Empty(await Store.OldestWaitingAsync(Other, default));
        var first = Assert.Single(await Store.OldestWaitingAsync(Namespace.Default, default));
        await SubmitKeyedAsync("eu", 1, ns: Other);
        var other = Assert.Single(await Store.OldestWaitingAsync(Other, default));
        Assert.Equal(("default", "default", true), (first.Key, other.Key, first.Value <= other.Value));
        Assert.Equal(first, Assert.Single(await Store.OldestWaitingAsync(null, default)));
        await CleanAsync();
    }

    [Fact]
    public async Task Limit_keys_are_listed_in_order_a_page_at_a_time()
    {
        foreach (var key in new[] { "b", "c", "a" }) await SubmitKeyedAsync(key, 2);
        await SubmitAsync(Row() with { Namespace = Other, LimitKey = "z" });
        foreach (var job in (await ClaimAsync(2)).Taken) await FinishAsync(job);
        var page = await Store.ListLimitKeysAsync(Namespace.Default, null, 1, default);
        Assert.Equal(("a", 0L, 2L, "default"), (page[0].Key, page[0].Running, page[0].Queued, page[0].Queue));
        Assert.Equal(["c"], (await Store.ListLimitKeysAsync(Namespace.Default, "a", 10, default)).Select(key => key.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Limits_hold_and_nobody_waits_for_ever(int seed)
    {
        var world = new LimitedWorld(this, new Random(seed), seed);
        for (var step = 0; step < 160; step++) await world.StepAsync(step);
        await world.EndAsync();
        await CleanAsync();
    }

    [FullFact]
    public async Task However_many_keys_wait_the_one_that_becomes_free_goes_on()
    {
        const int keys = 1_001;
        var rows = Enumerable.Range(0, 2 * keys).Select(i => Row() with { LimitKey = $"k{i % keys:0000}" }).ToArray();
        foreach (var chunk in rows.Chunk(500)) await PostAsync(new JobWrite.Submit([.. chunk.Select(row => New(row))]));
        var limits = new QueueLimits { KeyConcurrency = 1 };
        var runs = await ClaimUnderAsync(keys, limits);
        Assert.Equal(keys, runs.Taken.Count);
        Assert.Empty((await ClaimUnderAsync(keys, limits)).Taken);
        await FinishAsync(runs.Taken.Single(job => job.Row.LimitKey == rows[keys - 1].LimitKey));
        Assert.Equal([rows[^1].Id], Ids(await ClaimUnderAsync(keys, limits)));
    }

    // A rate is no number in a column that could be asked for: claims go round.
    [FullFact]
    public async Task However_many_keys_wait_for_their_rate_the_one_that_may_start_is_found()
    {
        const int keys = 1_001;
        var rows = Enumerable.Range(0, 2 * keys).Select(i => Row() with { LimitKey = $"k{i % keys:0000}" }).ToArray();
        foreach (var chunk in rows.Chunk(500)) await PostAsync(new JobWrite.Submit([.. chunk.Select(row => New(row))]));
        var limits = new QueueLimits { KeyRate = new Rate(1, TimeSpan.FromHours(1)) };
        Assert.Equal(keys, (await ClaimUnderAsync(keys, limits)).Taken.Count);
        Assert.Empty((await ClaimUnderAsync(keys, limits)).Taken);
        _time.Advance(TimeSpan.FromHours(1));
        var taken = new List<JobId>();
        for (var i = 0; i < 3; i++)
        {
            var claim = await ClaimUnderAsync(keys, limits);
            taken.AddRange(Ids(claim));
            if (taken.Count < keys) Assert.NotNull(claim.LookAgain);
        }
        Assert.Equal(keys, taken.Count);
        Assert.Equal(rows[keys..].Select(row => row.Id).ToHashSet(), taken.ToHashSet());
    }

    private static IEnumerable<JobId> Ids(JobWrite.Claim claim) => claim.Taken.Select(job => job.Row.Id);

    private Task<JobWrite.Change> FinishAsync(Job job) => ChangeAsync(job, new JobCommand.Finish(job.Row.Run!.Value, false), "1");

    private async Task SubmitRowsAsync(int count) =>
        await PostAsync(new JobWrite.Submit([.. Enumerable.Range(0, count).Select(_ => New(Row()))]));

    private async Task<IReadOnlyList<JobRow>> SubmitKeyedAsync(string key, int count, string queue = "default", int priority = 5, Namespace? ns = null)
    {
        var rows = Enumerable.Range(0, count).Select(_ => Row() with { LimitKey = key, Queue = queue, Priority = priority, Namespace = ns ?? Namespace.Default }).ToArray();
        await PostAsync(new JobWrite.Submit([.. rows.Select(row => New(row))]));
        return rows;
    }

    private async Task<JobWrite.Claim> ClaimUnderAsync(int count, QueueLimits limits, string queue = "default", IReadOnlyDictionary<string, KeyLimit>? keys = null)
    {
        var write = new JobWrite.Claim(queue, count, NodeA, "a") { Limits = new ClaimLimits(limits, keys ?? new Dictionary<string, KeyLimit>()) };
        await PostAsync(write);
        return write;
    }

    /// <summary>A model of two queues under limits: which jobs a claim has to take, and whether somebody was told when one could.</summary>
    private sealed class LimitedWorld(JobStoreConformance store, Random random, int seed)
    {
        private static readonly string[] Queues = ["default", "slow"];
        private static readonly string?[] Keys = [null, "a", "b", "c"];
        private static readonly Dictionary<string, KeyLimit> Named = new() { ["c"] = new KeyLimit(2, new Rate(3, TimeSpan.FromSeconds(2))) };

        private readonly List<JobRow> _queued = [];
        private readonly List<Job> _running = [];
        private readonly List<(string Queue, string? Key, bool OfQueue, bool OfKey, DateTimeOffset At)> _starts = [];
        private readonly Dictionary<string, QueueOverrides> _overrides = Queues.ToDictionary(queue => queue, _ => QueueOverrides.None);
        private readonly Dictionary<string, bool> _awake = Queues.ToDictionary(queue => queue, _ => true);
        private readonly Dictionary<string, DateTimeOffset?> _again = Queues.ToDictionary(queue => queue, _ => (DateTimeOffset?)null);

        private readonly Dictionary<string, QueueLimits> _configured = new()
        {
            ["default"] = new QueueLimits { Concurrency = random.Next(6), KeyConcurrency = random.Next(3), KeyRate = random.Next(2) == 0 ? default : new Rate(2, TimeSpan.FromSeconds(1)) },
            ["slow"] = new QueueLimits { Rate = random.Next(2) == 0 ? default : new Rate(4, TimeSpan.FromSeconds(1)), KeyConcurrency = random.Next(4) },
        };

        private DateTimeOffset Now => store._time.GetUtcNow();

        public async Task StepAsync(int step)
        {
            var queue = Queues[random.Next(2)];
            switch (random.Next(20))
            {
                case < 6: await SubmitAsync(queue); break;
                case < 11: await ClaimAsync(queue, random.Next(1, 6), step); break;
                case < 15 when _running.Count > 0: await EndRunAsync(_running[random.Next(_running.Count)]); break;
                case 15 when _queued.Count > 0: await CancelAsync(_queued[random.Next(_queued.Count)]); break;
                case 16: await SetAsync(queue); break;
                case 17: store._time.Advance(TimeSpan.FromMilliseconds(100 * random.Next(1, 15))); break;
                case 18 when _running.Count > 0: await ReapAsync(); break;
                default: await ClaimAsync(queue, 50, step); break;
            }
            foreach (var name in Queues) AssertTold(name, step);
        }

        /// <summary>Opens everything, and lets all come to their end.</summary>
        public async Task EndAsync()
        {
            foreach (var queue in Queues)
            {
                _configured[queue] = QueueLimits.None;
                await ChangeAsync(queue, null);
            }
            for (var round = 0; _queued.Count + _running.Count > 0; round++)
            {
                Assert.True(round < 500, $"seed {seed}: {_queued.Count} jobs wait for ever");
                foreach (var job in _running.ToArray()) await EndRunAsync(job);
                foreach (var queue in Queues) await ClaimAsync(queue, 50, round);
                store._time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        private async Task SubmitAsync(string queue)
        {
            var row = Row() with { Queue = queue, LimitKey = Keys[random.Next(4)], Priority = random.Next(10), MaxAttempts = 50 };
            await store.SubmitAsync(row);
            _queued.Add((await store.ReadAsync(row.Id))!.Row);
            _awake[queue] = true;
        }

        private async Task ClaimAsync(string queue, int count, int step)
        {
            var expected = Expected(queue, count);
            var claim = await store.ClaimUnderAsync(count, _configured[queue], queue, Named);
            Assert.True(expected.Select(row => row.Id).SequenceEqual(Ids(claim)),
                $"seed {seed}, step {step}: of {queue} {string.Join(", ", claim.Taken.Select(job => job.Row.Seq))} were taken and not {string.Join(", ", expected.Select(row => row.Seq))}");
            var limits = _overrides[queue].Over(_configured[queue]);
            Take(claim.Wakes);
            foreach (var job in claim.Taken)
            {
                _queued.RemoveAll(row => row.Id == job.Row.Id);
                _running.Add(job);
                _starts.Add((queue, job.Row.LimitKey, !limits.Rate.IsNone, job.Row.LimitKey is { } key && !LimitOf(key, limits).Rate.IsNone, Now));
            }
            _awake[queue] = claim.Taken.Count == count || claim.LookAgain <= Now;
            _again[queue] = claim.LookAgain ?? _again[queue];
        }

        private async Task EndRunAsync(Job job)
        {
            _running.Remove(job);
            var run = job.Row.Run!.Value;
            var write = random.Next(4) == 0 ? await store.ChangeAsync(job, new JobCommand.HandBack(run), null) : await store.FinishAsync(job);
            Take(write.Wakes);
            if (write.Now!.Row.State == JobState.Queued) Back(write.Now.Row);
        }

        private async Task ReapAsync()
        {
            var reap = new JobWrite.Reap([NodeB], 2);
            await store.PostAsync(reap);
            Take(reap.Wakes);
            foreach (var lost in reap.Moved)
            {
                _running.RemoveAll(job => job.Row.Id == lost.Row.Id);
                if (lost.Row.State == JobState.Queued) Back(lost.Row);
            }
        }

        private async Task CancelAsync(JobRow row)
        {
            Take((await store.ChangeAsync(row.Id, new JobCommand.Cancel())).Wakes);
            _queued.Remove(row);
        }

        private Task SetAsync(string queue) => random.Next(3) == 0
            ? ChangeAsync(queue, null)
            : ChangeAsync(queue, new QueueChange
            {
                Paused = new Setting<bool>(random.Next(3) == 0),
                Concurrency = random.Next(2) == 0 ? null : new Setting<int>(random.Next(5)),
                Rate = random.Next(2) == 0 ? null : new Setting<Rate>(new Rate(random.Next(5), TimeSpan.FromSeconds(1))),
                KeyConcurrency = random.Next(2) == 0 ? null : new Setting<int>(random.Next(4)),
            });

        private async Task ChangeAsync(string queue, QueueChange? change)
        {
            var write = new JobWrite.SetQueue(queue, change);
            await store.PostAsync(write);
            Take(write.Wakes);
            _overrides[queue] = write.Now;
            _awake[queue] = true;        // a node looks once more when its own configuration changed
        }

        private void Back(JobRow row)
        {
            _queued.Add(row);
            _awake[row.Queue] = true;
        }

        private void Take(IReadOnlyList<string>? wakes)
        {
            foreach (var queue in wakes ?? []) _awake[queue] = true;
        }

        private void AssertTold(string queue, int step)
        {
            if (_awake[queue] || _again[queue] <= Now) return;
            Assert.True(Expected(queue, 1).Count == 0, $"seed {seed}, step {step}: a job of {queue} could start and nobody was told");
        }

        /// <summary>The first of the line, one by one, as far as every limit lets them.</summary>
        private List<JobRow> Expected(string queue, int count)
        {
            var limits = _overrides[queue].Over(_configured[queue]);
            var taken = new List<JobRow>();
            if (limits.Paused) return taken;
            foreach (var row in _queued.Where(row => row.Queue == queue).OrderBy(row => JobRules.Rank(row)).ThenBy(row => row.Seq))
            {
                if (taken.Count == count) break;
                if (limits.Concurrency > 0 && _running.Count(job => job.Row.Queue == queue) + taken.Count >= limits.Concurrency) break;
                if (!limits.Rate.IsNone && Recent(limits.Rate, start => start.OfQueue && start.Queue == queue) + taken.Count >= limits.Rate.Limit) break;
                if (row.LimitKey is not { } key || MayStart(key, limits, taken)) taken.Add(row);
            }
            return taken;
        }

        private bool MayStart(string key, QueueLimits limits, List<JobRow> taken)
        {
            var limit = LimitOf(key, limits);
            var now = taken.Count(row => row.LimitKey == key);
            if (limit.Concurrency > 0 && _running.Count(job => job.Row.LimitKey == key) + now >= limit.Concurrency) return false;
            return limit.Rate.IsNone || Recent(limit.Rate, start => start.OfKey && start.Key == key) + now < limit.Rate.Limit;
        }

        private static KeyLimit LimitOf(string key, QueueLimits limits) => Named.TryGetValue(key, out var named) ? named : new KeyLimit(limits.KeyConcurrency, limits.KeyRate);

        /// <summary>Starts count from when there is a rate that counts them.</summary>
        private int Recent(Rate rate, Func<(string Queue, string? Key, bool OfQueue, bool OfKey, DateTimeOffset At), bool> of) =>
            _starts.Count(start => start.At > Now - rate.Per && of(start));
    }
}
