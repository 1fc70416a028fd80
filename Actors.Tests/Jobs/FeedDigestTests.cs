using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Tests.Jobs;

public sealed class FeedDigestTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_job_that_waits_wakes_its_line_and_one_that_was_taken_since_does_not()
    {
        var digest = FeedDigest.Of([Row(null, JobState.Queued, JobState.Queued), Row(null, JobState.Queued, JobState.Running), Row(JobState.Queued, JobState.Running, JobState.Running)], Open);

        Assert.Equal([new("q", 1)], digest.Arrived);
        Assert.Equal([new("q", 1L)], digest.Waiting);
        Assert.Empty(digest.Ended);
        Assert.False(digest.KeyFreed || digest.QueuesChanged);
    }

    [Fact]
    public void The_end_of_a_run_frees_a_place_where_a_limit_is_and_nothing_where_none_is()
    {
        var end = Row(JobState.Running, JobState.Succeeded, JobState.Succeeded);

        Assert.Empty(FeedDigest.Of([end], Open).Arrived);
        Assert.Equal([new("q", 1)], FeedDigest.Of([end], _ => false).Arrived);
        Assert.True(FeedDigest.Of([Row(JobState.Cancelling, JobState.Cancelled, JobState.Cancelled, limited: true)], Open).KeyFreed);
        Assert.Equal([new("q", 1)], FeedDigest.Of([end], Open).Ended);
    }

    [Fact]
    public void The_first_due_time_counts_of_jobs_that_still_await_it()
    {
        var rows = new[]
        {
            Row(null, JobState.Scheduled, JobState.Scheduled, runAt: Noon.AddHours(2)),
            Row(JobState.Running, JobState.Retrying, JobState.Retrying, runAt: Noon.AddHours(1)),
            Row(null, JobState.Scheduled, JobState.Cancelled, runAt: Noon),
        };

        Assert.Equal(Noon.AddHours(1), FeedDigest.Of(rows, Open).Due);
    }

    [Fact]
    public void Deleted_jobs_and_other_kinds_move_no_line()
    {
        var digest = FeedDigest.Of([Row(null, JobState.Queued, JobState.Queued) with { Job = null }, new FeedRow { Place = FeedPlace.Of(2), Namespace = "", Kind = FeedKind.Queue }], Open);

        Assert.True(digest.QueuesChanged);
        Assert.Empty(digest.Arrived);
        Assert.Empty(digest.Waiting);
    }

    private static bool Open(string queue) => true;

    private static FeedRow Row(JobState? from, JobState to, JobState now, bool limited = false, DateTimeOffset runAt = default) => new()
    {
        Place = FeedPlace.Of(1), Namespace = "default", Kind = FeedKind.Job, From = (int?)from, To = (int)to,
        Job = new FeedJob(Guid.Empty, "q", (int)now, runAt, limited, null, null),
    };
}
