using System.Runtime.CompilerServices;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Load.Figures;

public sealed class LoadRecorderTests
{
    private static readonly LoadReport Sample = SampleRun.Report();

    [Fact]
    public async Task Each_second_leaves_a_moment_and_the_end_a_report()
    {
        var seen = new List<TimeSpan>();
        var report = await new LoadRecorder(new Told(5), new LoadSurroundings { Command = "typed" }).FollowAsync(SampleRun.Id, progress => seen.Add(progress.Elapsed), TestContext.Current.CancellationToken);
        Assert.NotNull(report);
        Assert.Equal(Enumerable.Range(1, 5).Select(second => TimeSpan.FromSeconds(second)), seen);
        Assert.Equal(seen.Select(at => SampleRun.Start + at), report.Moments.Select(moment => moment.At));
        Assert.All(report.Moments, moment => Assert.Equal("Aggregated", Assert.Single(moment.Rows).Name));
        Assert.Equal(("typed", LoadVerdict.Passed, 3), (report.Surroundings.Command, report.Verdict, report.Series.Count));
    }

    [Theory]
    [InlineData(3_600, false, 3_600)]
    [InlineData(9_000, false, 2_251)]      // thinned twice: every fourth, and the last
    public async Task A_long_run_keeps_every_other_moment_and_always_the_last(int seconds, bool everyName, int kept)
    {
        var report = await new LoadRecorder(new Told(seconds), new LoadSurroundings(), everyName).FollowAsync(SampleRun.Id, null, TestContext.Current.CancellationToken);
        Assert.InRange(report!.Moments.Count, kept - 2, kept);
        Assert.Equal(SampleRun.Start.AddSeconds(seconds), report.Moments[^1].At);
        Assert.Equal(SampleRun.Start.AddSeconds(1), report.Moments[0].At);
        Assert.Equal(report.Moments, report.Moments.OrderBy(moment => moment.At));
    }

    [Fact]
    public async Task With_every_name_a_moment_has_a_row_for_each()
    {
        var report = await new LoadRecorder(new Told(2), new LoadSurroundings(), everyName: true).FollowAsync(SampleRun.Id, null, TestContext.Current.CancellationToken);
        Assert.All(report!.Moments, moment => Assert.Equal(["/api/v1/jobs", "/api/v1/jobs/{id}", "Aggregated"], moment.Rows.Select(row => row.Name)));
    }

    [Fact]
    public async Task A_run_that_is_not_remembered_leaves_nothing() =>
        Assert.Null(await new LoadRecorder(new Told(2), new LoadSurroundings()).FollowAsync(Guid.Empty, null, TestContext.Current.CancellationToken));

    /// <summary>A run whose seconds have all passed.</summary>
    private sealed class Told(int seconds) : ILoadTests
    {
        public IReadOnlyList<LoadScenario> Scenarios => [];

        public IReadOnlyList<LoadProgress> Runs => [];

        public Refusal? Check(LoadPlan plan) => null;

        public LoadProgress? Find(Guid id) => null;

        public LoadResult? Result(Guid id) => id == SampleRun.Id ? new LoadResult(At(seconds), Sample.Series, Sample.Jobs) : null;

        public async IAsyncEnumerable<LoadProgress> FollowAsync(Guid id, [EnumeratorCancellation] CancellationToken ct)
        {
            await Task.CompletedTask;
            for (var second = 1; id == SampleRun.Id && second <= seconds; second++) yield return At(second);
        }

        public ValueTask<LoadOutcome> StartAsync(LoadPlan plan, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<LoadOutcome?> StopAsync(Guid id, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<LoadOutcome?> EditAsync(Guid id, LoadEdit edit, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask<LoadOutcome?> ResetAsync(Guid id, CancellationToken ct) => throw new NotSupportedException();

        private LoadProgress At(int second) => Sample.Run with { Elapsed = TimeSpan.FromSeconds(second), State = second == seconds ? LoadState.Finished : LoadState.Running };
    }
}
