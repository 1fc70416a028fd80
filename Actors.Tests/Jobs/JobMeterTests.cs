using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Tests.Jobs;

public sealed class JobMeterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly JobMeter _meter = new();

    [Fact]
    public void A_job_counts_under_its_queue_task_and_outcome()
    {
        _meter.Submitted(Job("mail"));
        _meter.Finished(Job("mail") with { State = JobState.Failed });
        _meter.Finished(Job("mail") with { State = JobState.Expired });
        Assert.Equal(1, Of("actorperf_jobs_submitted_total", ("queue", "mail"), ("task", "report")));
        Assert.Equal(1, Of("actorperf_jobs_finished_total", ("queue", "mail"), ("task", "report"), ("outcome", "failed")));
        Assert.Equal(1, Of("actorperf_jobs_finished_total", ("queue", "mail"), ("task", "report"), ("outcome", "expired")));
        Assert.Equal(0, Of("actorperf_jobs_finished_total", ("queue", "mail"), ("task", "report"), ("outcome", "succeeded")));
    }

    [Fact]
    public void A_wait_counts_from_when_the_job_was_due()
    {
        _meter.Started(Job("mail") with { CreatedAt = Noon.AddHours(-1), RunAt = Noon, StartedAt = Noon.AddSeconds(3) });
        var waits = Assert.IsType<MetricPoint.Distribution>(Assert.Single(Family("actorperf_job_wait_seconds").Points));
        Assert.Equal(3, waits.Sum, 6);
        Assert.Equal(1, waits.Counts.Sum());
    }

    [Fact]
    public void Queues_beyond_the_bound_count_together_and_nothing_is_lost()
    {
        const int beyond = 40;
        for (var n = 0; n < JobMeter.MaxLines + beyond; n++) _meter.Submitted(Job($"queue-{n}"));
        var points = Family("actorperf_jobs_submitted_total").Points;
        Assert.Equal(JobMeter.MaxLines + 1, points.Count);
        Assert.Equal(beyond, Of("actorperf_jobs_submitted_total", ("queue", JobMeter.Others)));
        Assert.Equal(JobMeter.MaxLines + beyond, points.Cast<MetricPoint.Number>().Sum(point => point.Value));
    }

    private static JobRow Job(string queue) => new() { Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "report", Queue = queue, RunAt = Noon, CreatedAt = Noon };

    private MetricFamily Family(string name) => Assert.Single(_meter.Read(), family => family.Name == name);

    private double Of(string name, params (string Name, string Value)[] labels) => Assert.IsType<MetricPoint.Number>(Assert.Single(
        Family(name).Points, point => labels.All(label => point.Labels.Contains(new MetricLabel(label.Name, label.Value))))).Value;
}
