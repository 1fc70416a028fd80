using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>The life of an entry against a plain model, under virtual time and a seeded scheduler: calls, landings, failures, results that are absent or not to be
/// kept, time-outs, invalidations and time in any order.</summary>
[Trait("Kind", "Simulation")]
public sealed class EntryLifeModelTests
{
    private const int Steps = 80;
    private static readonly Config Config = Config.FromPairs(
    [
        new("akka.actor.deployment./compute/default.router", "round-robin-pool"), new("akka.actor.deployment./compute/default.nr-of-instances", "8"),
    ]);

    [Fact]
    public void Entries_live_as_the_state_table_says() => Run(1, 60);

    [FullFact]
    public void Entries_live_as_the_state_table_says_under_two_thousand_seeds() => Run(1_000, 2_000);

    private static void Run(int first, int count)
    {
        var seen = new HashSet<string>();
        var around = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);                       // who waits is woken inside the turn that rings, on this thread
        try
        {
            ActorSimulation.ForEachSeed(first, count, simulation => new World(simulation, seen).Play(), Config);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(around);
        }
        if (Environment.GetEnvironmentVariable("ACTORPERF_SEED") is not null) return; // one seed repeated
        // Every row of the table was met.
        string[] all =
        [
            "fresh", "eager", "refreshed", "stale", "stale while throttled", "computed", "joined", "anew", "throttled error", "not cached", "fallback", "failed", "stored", "absent", "not stored", "void",
            "recalled from expiry", "late, and stale", "late, and nothing is kept any more", "too late",
        ];
        Assert.Empty(all.Except(seen));
    }

    /// <summary>The node, and beside it what may be. One key.</summary>
    private sealed class World
    {
        private static readonly TimeSpan Throttle = TimeSpan.FromSeconds(8);

        private readonly ActorSimulation _simulation;
        private readonly HashSet<string> _seen;
        private readonly Memoization _policy;
        private readonly ComputeService _compute;
        private readonly List<Held> _runs = [];
        private readonly List<Waiting> _waiting = [];
        private int _value;

        // The model.
        private Stored? _entry;
        private int _failures;
        private TimeSpan _failedAt;

        public World(ActorSimulation simulation, HashSet<string> seen)
        {
            (_simulation, _seen) = (simulation, seen);
            var random = simulation.Random;
            _policy = new Memoization(
                TimeSpan.FromSeconds(random.Next(5, 60)), TimeSpan.FromSeconds(random.Next(3) * random.Next(40)), TimeSpan.FromSeconds(random.Next(3) * random.Next(100)),
                random.Next(2) == 0 ? 0.5 : null)
            {
                Jitter = 0, ErrorThrottle = Throttle,
                Negative = random.Next(3) switch { 0 => null, 1 => TimeSpan.Zero, _ => TimeSpan.FromSeconds(3) },
                SoftTimeout = random.Next(3) > 0 ? TimeSpan.FromSeconds(random.Next(1, 8)) : null,
                HardTimeout = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(3, 20)) : null,
            };
            var pools = simulation.RunAtOnce(ComputePools.StartAsync(simulation.System, ["default"], new ComputeOptions(), simulation.Time, NullLogger<ComputePools>.Instance));
            var options = new CacheOptions { Shards = 1 };
            var shards = simulation.RunAtOnce(CachingShards.StartAsync(simulation.System, pools, options, simulation.Time, NullLogger<CachingShards>.Instance));
            var tasks = new TaskCatalog([A.Lambda(Hold, "held", memoize: _policy)]);
            _compute = new ComputeService(tasks, shards, options, simulation.Time, NullLogger<ComputeService>.Instance);
            simulation.RunUntilIdle();
        }

        private TimeSpan Now => _simulation.Time.GetUtcNow() - DateTimeOffset.UnixEpoch;

        private TimeSpan Age => _entry is { IsRemoved: false } entry ? Now - entry.ComputedAt : TimeSpan.MaxValue;

        private bool IsFresh => _entry is { IsExpired: false } entry && Age < entry.Fresh;

        private bool IsRevalidated => _entry is { IsExpired: false } entry && !IsFresh && Age < entry.Fresh + _policy.StaleWhileRevalidate;

        private bool IsKept => _policy.StaleIfError > TimeSpan.Zero && _entry is { } entry && Age < entry.Fresh + _policy.StaleIfError;

        private bool MayBeThrottled => _failures > 0 && Now < _failedAt + Throttle;

        public void Play()
        {
            for (var step = 0; step < Steps; step++)
            {
                Step();
                Assert.InRange(_runs.Count(static run => run.IsCurrent), 0, 1);       // single flight (INV-33)
            }
            while (_runs.Count > 0) End(fails: false);
            Assert.All(_waiting, waiting => Assert.True(SpinWait.SpinUntil(() => waiting.Answer.IsCompleted, TimeSpan.FromSeconds(60)))); // nobody hangs (INV-35)
        }

        private void Step()
        {
            switch (_simulation.Random.Next(13))
            {
                case < 6: Ask(_simulation.Random.Next(8) switch { 0 => new CacheDirective(NoCache: true), 1 => new CacheDirective(OnlyIfCached: true), _ => default }); break;
                case < 8 when _runs.Count > 0: End(fails: false); break;
                case < 10 when _runs.Count > 0: End(fails: true); break;
                case 10: Invalidate(); break;
                default: Pass(TimeSpan.FromMilliseconds(_simulation.Random.Next(1, 30_000) / (_simulation.Random.Next(3) == 0 ? 1 : 10))); break;
            }
        }

        /// <summary>Time goes by, from one time-out of a caller to the next.</summary>
        private void Pass(TimeSpan by)
        {
            var end = Now + by;
            while (_waiting.Count > 0 && _waiting.Min(static one => one.Deadline) is var next && next <= end)
            {
                _simulation.RunFor(next - Now);
                foreach (var one in _waiting.Where(one => one.Deadline == next).ToList()) TimeOut(one);
                _simulation.RunUntilIdle();                                          // the shard hears that they have left
            }
            _simulation.RunFor(end - Now);
        }

        /// <summary>A caller for whom something is kept has it then; one for whom that is over goes on waiting, and nobody longer than the hard time-out. The computation goes on.</summary>
        private void TimeOut(Waiting one)
        {
            if (one.MaySettle && IsKept)
            {
                _seen.Add("late, and stale");
                Assert.Equal((CacheSource.Stale, _entry!.Value), (CacheWorld.Found(Done(one.Answer)).Source, CacheWorld.Text(Done(one.Answer))));
            }
            else if (one.SoftUntil is not null)
            {
                _seen.Add("late, and nothing is kept any more");
                Assert.False(one.Answer.IsCompleted);
                one.SoftUntil = null;
                return;
            }
            else
            {
                _seen.Add("too late");
                Assert.Equal("compute-timeout", CacheWorld.Refused(Done(one.Answer)));
            }
            _waiting.Remove(one);
        }

        private void Ask(CacheDirective call)
        {
            var (running, joinable) = (_runs.Count, _runs.Exists(static run => run.IsCurrent));
            var stale = _compute.Statistics(Namespace.Default).Total.Stale;
            var pending = _compute.ComputeAsync(new ComputeRequest(Namespace.Default, "held", "{}"u8.ToArray(), call, TimeSpan.FromHours(1)), default);
            var atOnce = pending.IsCompleted;
            var answer = pending.AsTask();
            _simulation.RunUntilIdle();
            var started = _runs.Count > running;
            if (!call.NoCache && (IsFresh || IsRevalidated))
            {
                // Nobody waits for what is remembered.
                Assert.True(atOnce);
                var found = Assert.IsType<ComputeOutcome.Found>(Done(answer));
                Assert.Equal((IsFresh ? CacheSource.Hit : CacheSource.Stale, _entry!.Value), (found.Source, CacheWorld.Text(found)));
                _seen.Add(IsFresh ? started ? "eager" : "fresh" : started ? "refreshed" : "stale");
                Assert.False(started && (call.OnlyIfCached || joinable));
                return;
            }
            var late = running > 0 && (call.NoCache || !joinable);                  // who comes too late for the one that runs waits for the next
            var answered = call.OnlyIfCached || _runs.Count == 0 || _compute.Statistics(Namespace.Default).Total.Stale > stale;
            if (call.NoCache || !answered)
            {
                Assert.False(call.OnlyIfCached);
                _seen.Add(call.NoCache ? "anew" : started ? "computed" : "joined");
                Assert.True(started || running > 0);
                Assert.False(started && MayBeThrottled && !call.NoCache && MustWait);
                var (soft, hard) = (_policy.SoftTimeout, _policy.HardTimeout);
                var maySettle = !call.NoCache && IsKept;
                _waiting.Add(new Waiting(answer, !call.NoCache, late)
                {
                    MaySettle = maySettle, SoftUntil = maySettle && soft is { } && !(hard <= soft) ? Now + soft : null, HardUntil = hard is { } most ? Now + most : TimeSpan.MaxValue,
                });
                return;
            }
            switch (Done(answer))
            {
                case ComputeOutcome.Found { Source: CacheSource.Stale } kept:
                    _seen.Add(_entry!.IsExpired ? "recalled from expiry" : "stale while throttled");
                    Assert.True(IsKept && MayBeThrottled);                          // INV-30: never behind its last window
                    Assert.Equal(_entry.Value, CacheWorld.Text(kept));
                    break;
                case ComputeOutcome.Failed:
                    _seen.Add("throttled error");
                    Assert.True(MayBeThrottled && !IsKept);
                    break;
                case ComputeOutcome.Refused { Refusal.Code: "not-cached" }:
                    _seen.Add("not cached");
                    Assert.True(call.OnlyIfCached);
                    break;
                case var other:
                    Assert.Fail($"{other}");
                    break;
            }
            Assert.False(started);
        }

        /// <summary>The first second after a failure, with something to answer meanwhile; the second failure in a row without.</summary>
        private bool MustWait => Now < _failedAt + TimeSpan.FromSeconds(1) && (IsKept ? _entry!.FailedSince : _failures > 1 && _entry is null);

        private void End(bool fails)
        {
            var run = _runs[0];
            _runs.RemoveAt(0);
            var kept = IsKept;
            var (absent, unkept) = (!fails && _simulation.Random.Next(4) == 0, !fails && _simulation.Random.Next(6) == 0);
            var value = absent ? "null" : $"{++_value}";
            if (unkept) run.Cache.DoNotStore();
            if (fails) run.End.SetException(new InvalidOperationException("no"));
            else run.End.SetResult(value);
            TimeSpan? fresh = fails || unkept || !run.IsCurrent ? null : absent ? _policy.NegativeLife : _policy.Duration;
            if (fresh == TimeSpan.Zero) fresh = null;                                // not kept at all
            // A failure that is long past is no failure in a row.
            if (fails) (_failures, _failedAt) = (Now < _failedAt + 2 * Throttle ? _failures + 1 : 1, Now);
            if (fails && _entry is not null) _entry.FailedSince = true;
            if (!fails) _failures = 0;                                               // it works again, whether or not this result counts
            if (fresh is { } life) _entry = new Stored(value, Now, life);            // else what was there before stays as it is
            if (!fails) _seen.Add(!run.IsCurrent ? "void" : fresh is null ? "not stored" : absent ? "absent" : "stored");
            _simulation.RunUntilIdle();
            var due = _waiting.Where(static one => !one.Late).ToList();
            _waiting.RemoveAll(static one => !one.Late);
            Assert.Equal(_waiting.Count > 0, _runs.Count > 0);
            foreach (var one in _waiting) one.Late = false;
            foreach (var one in due)
            {
                switch (Done(one.Answer))
                {
                    case ComputeOutcome.Found { Source: CacheSource.Stale } stale:
                        _seen.Add("fallback");
                        Assert.True(fails && one.MayFallBack && kept);
                        Assert.Equal(_entry!.Value, CacheWorld.Text(stale));
                        break;
                    case ComputeOutcome.Found found:
                        Assert.False(fails);
                        Assert.Equal(value, CacheWorld.Text(found));                // what was computed after it asked, never what was there before
                        Assert.Equal(fresh, found.Result.ExpiresAt - found.Result.ComputedAt);
                        break;
                    case ComputeOutcome.Failed:
                        _seen.Add("failed");
                        Assert.True(fails && !(one.MayFallBack && kept));
                        break;
                    case var other:
                        Assert.Fail($"{other}");
                        break;
                }
            }
        }

        private void Invalidate()
        {
            var expire = _simulation.Random.Next(2) == 0;
            var what = new Invalidation(Namespace.Default, "held", _simulation.Random.Next(2) == 0 ? "{}"u8.ToArray() : (ReadOnlyMemory<byte>?)null) { Expire = expire };
            // Its end comes by a thread of its own, for which no virtual time may pass.
            var invalidated = _compute.InvalidateAsync(what, default).AsTask();
            _simulation.RunUntilIdle();
            Assert.True(SpinWait.SpinUntil(() => invalidated.IsCompletedSuccessfully, TimeSpan.FromSeconds(60)), "an invalidation is done at once");
            foreach (var run in _runs) run.IsCurrent = false;                        // INV-36: whatever began before never counts as fresh
            if (what.Args is not null) _failures = 0;                                // whoever forgets a call lets it be tried again
            if (_entry is null) return;
            if (expire) _entry.IsExpired = true;
            else _entry.IsRemoved = true;
            _entry.FailedSince = false;
        }

        private async Task<string> Hold(TaskContext context, CancellationToken ct)
        {
            var run = new Held(context.Cache);
            _runs.Add(run);
            return await run.End.Task;
        }

        private static ComputeOutcome Done(Task<ComputeOutcome> answer)
        {
            Assert.True(SpinWait.SpinUntil(() => answer.IsCompleted, TimeSpan.FromSeconds(60)), "an answer was due");
            return answer.GetAwaiter().GetResult();
        }
    }

    private sealed class Waiting(Task<ComputeOutcome> answer, bool mayFallBack, bool late)
    {
        public Task<ComputeOutcome> Answer { get; } = answer;
        public bool MayFallBack { get; } = mayFallBack;

        /// <summary>For the flight after the one that runs.</summary>
        public bool Late { get; set; } = late;

        /// <summary>Something was kept when it asked.</summary>
        public bool MaySettle { get; init; }

        /// <summary>Null where it waits for nothing but a result.</summary>
        public TimeSpan? SoftUntil { get; set; }

        public TimeSpan HardUntil { get; init; }

        public TimeSpan Deadline => SoftUntil ?? HardUntil;
    }

    /// <summary>What ought to be remembered.</summary>
    private sealed class Stored(string value, TimeSpan computedAt, TimeSpan fresh)
    {
        public string Value { get; } = value;
        public TimeSpan ComputedAt { get; } = computedAt;
        public TimeSpan Fresh { get; } = fresh;
        public bool IsExpired { get; set; }
        public bool IsRemoved { get; set; }

        /// <summary>A refresh failed since it is as it is.</summary>
        public bool FailedSince { get; set; }
    }

    /// <param name="cache">By which it says what becomes of its result.</param>
    private sealed class Held(TaskCache cache)
    {
        public TaskCache Cache { get; } = cache;

        // Continued on the thread that ends it, which is the simulation's.
        public TaskCompletionSource<string> End { get; } = new();
        public bool IsCurrent { get; set; } = true;
    }
}
