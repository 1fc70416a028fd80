using ActorPerf.Caching;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Caching;

/// <summary>The state table of docs/caching.md, cell by cell. Times are seconds.</summary>
public sealed class EntryRulesTests
{
    // Computed at 0, refreshed early from 90, fresh to 100, stale while refreshed to 150, kept for errors to 300.
    private static readonly EntryLife Life = new(0, 90, 100, 150, 300);

    [Theory]
    [InlineData(0, "Hit")]
    [InlineData(89, "Hit")]
    [InlineData(90, "HitAndRefresh")]
    [InlineData(99, "HitAndRefresh")]
    [InlineData(100, "StaleAndRefresh")]
    [InlineData(149, "StaleAndRefresh")]
    [InlineData(150, "ComputeOrStale")]
    [InlineData(299, "ComputeOrStale")]
    [InlineData(300, "Compute")]
    [InlineData(9_999, "Compute")]
    public void Each_phase_has_its_answer(long now, string answer) => Assert.Equal(answer, Read(now));

    [Theory]
    [InlineData(95, "Hit")]
    [InlineData(120, "Stale")]
    [InlineData(200, "Stale")]
    [InlineData(300, "Compute")]
    public void While_a_failure_is_waited_out_nothing_is_tried(long now, string answer) => Assert.Equal(answer, Read(now, retryAt: 10_000));

    [Theory]
    [InlineData(50, "ComputeOrStale")]
    [InlineData(120, "ComputeOrStale")]
    [InlineData(299, "ComputeOrStale")]
    [InlineData(300, "Compute")]
    public void What_was_expired_answers_only_where_its_computation_fails(long now, string answer) => Assert.Equal(answer, Read(now, validity: EntryValidity.Expired));

    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    [InlineData(200)]
    public void What_was_removed_answers_nobody(long now) => Assert.Equal("Compute", Read(now, validity: EntryValidity.Removed, call: new CacheDirective { MaxStale = TimeSpan.MaxValue }));

    [Fact]
    public void A_call_may_want_more_or_less_than_the_task_gives()
    {
        Assert.Equal("Compute", Read(0, call: new CacheDirective(NoCache: true)));
        Assert.Equal("Compute", Read(0, call: new CacheDirective(NoStore: true)));
        Assert.Equal("Hit", Read(50, call: new CacheDirective(MaxAge: Seconds(50))));
        Assert.Equal("Compute", Read(51, call: new CacheDirective(MaxAge: Seconds(50))));
        Assert.Equal("Hit", Read(50, call: new CacheDirective { MinFresh = Seconds(50) }));
        Assert.Equal("Compute", Read(51, call: new CacheDirective { MinFresh = Seconds(50) }));
        Assert.Equal("StaleAndRefresh", Read(160, call: new CacheDirective { MaxStale = Seconds(60) }));
        Assert.Equal("ComputeOrStale", Read(161, call: new CacheDirective { MaxStale = Seconds(60) }));
        Assert.Equal("Compute", Read(160, call: new CacheDirective { StaleIfError = Seconds(60) }));
        Assert.Equal("Compute", Read(160, call: new CacheDirective { StaleIfError = TimeSpan.Zero }));
        Assert.Equal("ComputeOrStale", Read(159, call: new CacheDirective { StaleIfError = Seconds(60) }));
        Assert.Equal("Compute", Read(300, call: new CacheDirective { StaleIfError = TimeSpan.MaxValue }));
        Assert.Equal("Hit", Read(95, call: new CacheDirective(OnlyIfCached: true)));
        Assert.Equal("Stale", Read(120, call: new CacheDirective(OnlyIfCached: true)));
    }

    [Fact]
    public void Jitter_only_shortens_a_life_and_moves_the_refresh_of_each_node_elsewhere()
    {
        var memoize = new Memoization(Seconds(100), Seconds(50), Seconds(200));
        var random = new Random(1);
        var eager = new HashSet<long>();
        for (var i = 0; i < 1_000; i++)
        {
            var life = EntryRules.Life(memoize, memoize.Duration, 1_000, 0.1, random.NextDouble(), random.NextDouble(), Milliseconds);
            Assert.InRange(life.FreshUntil, 1_000 + 90_000, 1_000 + 100_000);
            Assert.InRange(life.EagerAt, 1_000 + 45_000, life.FreshUntil);
            Assert.Equal((life.FreshUntil + 50_000, life.FreshUntil + 200_000), (life.RevalidateUntil, life.ErrorUntil));
            eager.Add(life.EagerAt);
        }
        Assert.InRange(eager.Count, 900, 1_000);
        Assert.Equal(new EntryLife(0, 90_000, 100_000, 150_000, 300_000), EntryRules.Life(memoize, memoize.Duration, 0, 0.1, 0, 0, Milliseconds));
        var plain = EntryRules.Life(new Memoization(Seconds(100)), Seconds(100), 0, 0, 0, 0.5, Milliseconds);
        Assert.Equal((100_000, 100_000, 100_000), (plain.EagerAt, plain.FreshUntil, plain.DeadAt));
    }

    [Fact]
    public void Waits_between_tries_double_to_the_throttle_and_the_first_failure_without_a_result_is_free()
    {
        var memoize = new Memoization(Seconds(1));
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(n => EntryRules.Backoff(memoize, n, stale: true).TotalSeconds));
        Assert.Equal([0, 1, 2, 4], Enumerable.Range(1, 4).Select(n => EntryRules.Backoff(memoize, n, stale: false).TotalSeconds));
        Assert.Equal(30, EntryRules.Backoff(memoize, int.MaxValue, stale: true).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, EntryRules.Backoff(memoize with { ErrorBackoff = TimeSpan.Zero }, 9, stale: true));
    }

    private static string Read(long now, EntryValidity validity = EntryValidity.Current, long retryAt = 0, CacheDirective call = default) =>
        $"{EntryRules.Read(Life, validity, retryAt, now, call, static time => (long)Math.Min(long.MaxValue / 4, time.TotalSeconds))}";

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
