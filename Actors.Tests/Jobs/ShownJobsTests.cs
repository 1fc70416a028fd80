using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>No way out of the front door shows a secret argument; the run has the real one.</summary>
[Trait("Kind", "Simulation")]
public sealed class ShownJobsTests
{
    private const string Args = """{"password":"hunter22","user":"ann"}""";
    private const string Shown = """{"password":"•••","user":"ann"}""";

    [Fact]
    public void Every_answer_about_a_job_shows_dots()
    {
        using var simulation = new ActorSimulation(1, JobWorld.Config);
        var world = new JobWorld(simulation);
        var jobs = world.Jobs;
        var events = new List<JobEvent>();
        var accepted = world.Accepted("shy", Args);
        var id = accepted.Row.Id;
        Assert.Equal(Shown, Text(accepted));
        Assert.Equal(Shown, Text(world.Read(id)));
        Assert.Equal(Shown, Text(JobWorld.Of(jobs.GetManyAsync(Namespace.Default, [id], default).AsTask())[0]!));
        Assert.Equal(Shown, Text(((SubmitOutcome.Deduplicated)Answer(world, world.Submit("shy", id, Args))).Job));

        var finished = jobs.WaitFinishedAsync(Namespace.Default, id, TimeSpan.FromHours(1), default).AsTask();
        var all = jobs.WaitManyAsync(Namespace.Default, [id], true, TimeSpan.FromHours(1), default).AsTask();
        var followed = CollectAsync(jobs.FollowAsync(Namespace.Default, id, FeedPlace.Start, default), events);
        SpinWait.SpinUntil(() => { world.Settle(); lock (events) return events.Count > 0; }, TimeSpan.FromSeconds(60));
        world.Runs[0].Context.Log("I use hunter22");
        world.Throw(world.Runs[0], new NonRetryableException("hunter22 is refused"));

        Assert.Equal(Shown, Text(Settled(world, finished)!));
        Assert.Equal(Shown, Text(Assert.Single(Settled(world, all).Done)));
        Settled(world, followed);
        Assert.NotEmpty(events.OfType<JobEvent.State>());
        Assert.All(events.OfType<JobEvent.State>(), state => Assert.Equal(Shown, Text(state.Now)));
        Assert.All(events.OfType<JobEvent.Done>(), done => Assert.Equal(Shown, Text(done.Now)));
        Assert.Equal("••• is refused", world.Read(id).Row.Error!.Message);
        var attempt = Assert.Single(JobWorld.Of(jobs.HistoryAsync(Namespace.Default, id, default).AsTask())!.Attempts);
        Assert.Equal(("••• is refused", "I use •••"), (attempt.Error!.Message, attempt.Lines[0].Text));
        var cancelled = jobs.CancelAsync(Namespace.Default, world.Accepted("shy", Args).Row.Id, default).AsTask();
        world.Settle();
        Assert.Equal(Shown, Text(((JobOutcome.Done)Settled(world, cancelled)!).Job));

        // Dots that come back are not taken for the secret; a rerun has the real one.
        var dots = Assert.IsType<SubmitOutcome.Refused>(Answer(world, world.Submit("shy", args: Shown)));
        Assert.Equal("invalid-args", dots.Refusal.Code);
        Assert.IsType<SubmitOutcome.Refused>(Answer(world, world.Submit("shy", args: """{"password":"\u2022\u2022\u2022","user":"ann"}""")));
        var rerun = jobs.RerunAsync(Namespace.Default, id, new Rerun(), default).AsTask();
        var again = Assert.IsType<SubmitOutcome.Accepted>(Settled(world, rerun)).Job;
        Assert.Equal(Shown, Text(again));
        Assert.Equal(Args, Text(JobWorld.Of(world.Store.ReadManyAsync(Namespace.Default, [again.Row.Id], default).AsTask())[0]!));

        // What runs, and what would run again, has the real ones.
        Assert.Equal(Args, Text(JobWorld.Of(world.Store.ReadManyAsync(Namespace.Default, [id], default).AsTask())[0]!));
        world.EndAll();
    }

    private static SubmitOutcome Answer(JobWorld world, Task<SubmitOutcome> submitting)
    {
        world.Settle();
        return JobWorld.Of(submitting);
    }

    private static string Text(Job job) => Encoding.UTF8.GetString(job.Args.Span);

    private static T Settled<T>(JobWorld world, Task<T> task)
    {
        SpinWait.SpinUntil(() => { world.Settle(); return task.IsCompleted; }, TimeSpan.FromSeconds(60));
        return JobWorld.Of(task);
    }

    private static async Task<bool> CollectAsync(IAsyncEnumerable<JobEvent> following, List<JobEvent> events)
    {
        await foreach (var happened in following)
        {
            lock (events) events.Add(happened);
        }
        return true;
    }
}
