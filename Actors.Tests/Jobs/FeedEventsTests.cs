using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs;

public sealed class FeedEventsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_past_change_shows_nothing_of_what_came_after_it()
    {
        var row = new JobRow
        {
            Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "t", Queue = "q", State = JobState.Failed, Version = 6, Attempt = 2, Node = "n",
            StartedAt = Noon, FinishedAt = Noon.AddSeconds(1), Error = new TaskError("Broken", "It broke.", Retryable: false),
        };
        var job = new Job(row, "{}"u8.ToArray(), "1"u8.ToArray(), null);

        var queued = FeedEvents.Of(FeedPlace.Of(1), JobState.Queued, 1, 0, job).Job;
        Assert.Equal((JobState.Queued, 1L, null, null, null, null), (queued.Row.State, queued.Row.Version, queued.Row.StartedAt, queued.Row.FinishedAt, queued.Row.Error, queued.Row.Node));
        Assert.Null(queued.Result);
        var running = FeedEvents.Of(FeedPlace.Of(5), JobState.Running, 5, 2, job).Job;
        Assert.Equal((Noon, null, null), (running.Row.StartedAt, running.Row.FinishedAt, running.Row.Error));
        var first = FeedEvents.Of(FeedPlace.Of(2), JobState.Running, 2, 1, job).Job;
        Assert.Null(first.Row.StartedAt);
        Assert.Same(job, FeedEvents.Of(FeedPlace.Of(6), JobState.Failed, 6, 2, job).Job);
    }
}
