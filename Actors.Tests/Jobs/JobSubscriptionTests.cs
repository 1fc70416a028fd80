using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>Who follows jobs and does not read for a while.</summary>
[Trait("Kind", "Simulation")]
public sealed class JobSubscriptionTests
{
    private const int TooMany = 1_100;

    [Fact]
    public void What_was_left_out_is_told_by_a_reset_in_its_place_and_once()
    {
        var followed = new JobSubscription(Namespace.Default, null, null);
        for (var i = 0; i < TooMany; i++) followed.Tell(Line(i));
        for (var i = 0; i < 100; i++) Assert.IsType<JobEvent.Log>(Next(followed));
        followed.Tell(Line(TooMany));
        var rest = new List<JobEvent>();
        while (followed.Events.TryRead(out var happened)) rest.Add(happened);
        Assert.IsType<JobEvent.Reset>(rest[^2]);
        Assert.Equal(TooMany, Assert.IsType<JobEvent.Log>(rest[^1]).Attempt);
        Assert.Single(rest.OfType<JobEvent.Reset>());
    }

    [Fact]
    public async Task Who_follows_one_job_and_is_far_behind_at_its_end_hears_of_it()
    {
        using var simulation = new ActorSimulation(7, JobWorld.Config);
        var world = new JobWorld(simulation);
        var job = world.Accepted();
        await using var events = world.Jobs.FollowAsync(Namespace.Default, job.Row.Id, null, CancellationToken.None).GetAsyncEnumerator();
        var first = events.MoveNextAsync().AsTask();
        world.Settle();
        Assert.True(JobWorld.Of(first));
        Assert.IsType<JobEvent.State>(events.Current);
        for (var i = 0; i < TooMany; i++) world.Parts.Subscriptions[0].Tell(Line(i));
        world.EndAll();
        var told = new List<JobEvent>();
        while (JobWorld.Of(events.MoveNextAsync().AsTask())) told.Add(events.Current);
        Assert.IsType<JobEvent.Reset>(told[^2]);
        Assert.Equal(JobState.Succeeded, Assert.IsType<JobEvent.Done>(told[^1]).Now.Row.State);
    }

    private static JobEvent Next(JobSubscription followed)
    {
        Assert.True(followed.Events.TryRead(out var happened));
        return happened;
    }

    private static JobEvent.Log Line(int number) => new(default, number, new LogLine(DateTimeOffset.UnixEpoch, default, "x"));
}
