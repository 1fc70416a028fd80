using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Jobs;

public sealed class JobStatisticsBoardTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void What_was_counted_shows_by_slot_and_queue()
    {
        var board = new JobStatisticsBoard(_clock);
        board.Submitted(Sample.Job("square", JobState.Queued, queue: "cpu").Row);
        board.Submitted(Sample.Job("square", JobState.Queued, queue: "mail").Row);
        board.Ended(Sample.Job("square", JobState.Succeeded, queue: "cpu"));
        board.Ended(Sample.Job("square", JobState.Failed, queue: "cpu"));
        board.Ended(Sample.Job("square", JobState.Retrying, queue: "mail"));
        board.Publish();
        var found = board.Read(Namespace.Default);
        Assert.Equal((2, 1, 2), (found.Submitted[^1], found.Succeeded[^1], found.Failed[^1]));
        Assert.Equal((1, 2), (found.Queues["cpu"].In[^1], found.Queues["cpu"].Out[^1]));
        Assert.Equal((1, 0), (found.Queues["mail"].In[^1], found.Queues["mail"].Out[^1]));
        Assert.InRange(found.RunP95[^1], 2.8, 3.7);
        Assert.True(found.FinishedPerSecond > 0);
    }

    [Fact]
    public void A_snapshot_grows_old_without_anything_being_counted()
    {
        var board = new JobStatisticsBoard(_clock);
        board.Ended(Sample.Job("square", JobState.Succeeded, queue: "cpu"));
        board.Publish();
        _clock.Advance(TimeSpan.FromSeconds(2 * TimeSlots.Seconds));
        board.Publish();
        var found = board.Read(Namespace.Default);
        Assert.Equal([1, 0, 0], found.Succeeded.TakeLast(3));
        Assert.Equal([1, 0, 0], found.Queues["cpu"].Out.TakeLast(3));
        Assert.Equal((0, 0), (found.FinishedPerSecond, found.Queues["cpu"].OutPerSecond));
        _clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(0, board.Read(Namespace.Default).Succeeded.Sum());
    }

    [Fact]
    public void A_namespace_without_jobs_has_flat_lines()
    {
        var found = new JobStatisticsBoard(_clock).Read(Namespace.Default);
        Assert.Equal(TimeSlots.Count, found.Succeeded.Count);
        Assert.Equal(0, found.FinishedPerSecond);
        Assert.Empty(found.Queues);
    }
}
