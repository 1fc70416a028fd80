using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Jobs;

/// <summary>Bounded queues: what one of them does not take is refused, and nothing beside it.</summary>
[Trait("Kind", "Simulation")]
public sealed class QueueRoomTests
{
    [Fact]
    public void A_full_queue_refuses_its_own_jobs_alone() => Run(world =>
    {
        Assert.Equal(["accepted"], Submit(world, atomic: false, "small"));
        Assert.Equal(["queue-full"], Submit(world, atomic: false, "small"));
        Assert.Equal(["queue-full", "accepted", "accepted", "queue-full"], Submit(world, atomic: false, "small", "default", "large", "small"));
        Assert.Single(world.Runs);
    });

    [Fact]
    public void A_queue_takes_as_many_of_a_batch_as_it_has_room_for_whatever_else_is_in_it() => Run(world =>
    {
        Assert.Equal(["accepted", "accepted", "accepted", "queue-full"], Submit(world, atomic: false, "large", "default", "small", "small"));
        Assert.Equal(["accepted", "accepted", "accepted", "queue-full", "queue-full"], Submit(world, atomic: false, [.. Enumerable.Repeat("medium", 5)]));
    });

    [Fact]
    public void An_atomic_batch_fits_where_each_queue_has_room_for_its_own_and_else_not_at_all() => Run(world =>
    {
        Assert.Equal(["accepted", "accepted", "accepted"], Submit(world, atomic: true, "large", "small", "large"));
        Assert.Equal(["batch-refused", "queue-full", "batch-refused"], Submit(world, atomic: true, "large", "small", "large"));
        Assert.Equal(3, JobWorld.Of(world.Jobs.ListAsync(new JobQuery { Namespace = Namespace.Default }, CancellationToken.None).AsTask()).Rows.Count);
        Assert.Equal("queue-full", Admitted(world, "default", "small")?.Code);
        Assert.Null(Admitted(world, "default", "medium"));
    });

    [Fact]
    public void A_job_of_a_full_queue_may_be_edited_in_it_and_none_may_join_it() => Run(world =>
    {
        var (inside, outside) = (Accepted(world, "small"), Accepted(world, "large"));
        var edit = new JobCommand.Edit(9, "small", null, null);
        Assert.Equal(9, Assert.IsType<JobOutcome.Done>(Edit(world, inside, edit)).Job.Row.Priority);
        Assert.Equal("queue-full", Assert.IsType<JobOutcome.Refused>(Edit(world, outside, edit)).Refusal.Code);
        Assert.Null(Edit(world, new JobId(Guid.CreateVersion7()), edit));
    });

    [Fact]
    public void A_time_that_is_past_counts_as_now() => Run(world =>
    {
        for (var i = 0; i < JobWorld.JobPermits; i++) world.Accepted();
        var first = world.Accepted();
        world.Pass(TimeSpan.FromSeconds(1));
        var ancient = Answers(world, atomic: false, new Submission { Namespace = Namespace.Default, Task = "held", RunAt = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        var second = Assert.IsType<SubmitOutcome.Accepted>(ancient[0]).Job;
        Assert.Equal(world.Now, second.Row.RunAt);
        var edited = Assert.IsType<JobOutcome.Done>(Edit(world, second.Row.Id, new JobCommand.Edit(null, null, world.Now.AddYears(-1), null))).Job;
        Assert.Equal(world.Now, edited.Row.RunAt);
        world.End(world.Runs[0]);
        world.Settle();
        Assert.Equal((JobState.Running, JobState.Queued), (world.Read(first.Row.Id).Row.State, world.Read(second.Row.Id).Row.State));
    });

    private static JobId Accepted(JobWorld world, string queue) =>
        Assert.IsType<SubmitOutcome.Accepted>(Answers(world, atomic: false, Of(queue))[0]).Job.Row.Id;

    private static IEnumerable<string> Submit(JobWorld world, bool atomic, params string[] queues) =>
        Answers(world, atomic, [.. queues.Select(Of)]).Select(outcome => outcome is SubmitOutcome.Refused refused ? refused.Refusal.Code : "accepted");

    private static IReadOnlyList<SubmitOutcome> Answers(JobWorld world, bool atomic, params Submission[] submissions)
    {
        var submitting = world.Jobs.SubmitManyAsync(submissions, atomic, CancellationToken.None).AsTask();
        world.Settle();
        return JobWorld.Of(submitting);
    }

    private static Refusal? Admitted(JobWorld world, params string[] queues)
    {
        var jobs = queues.Select(queue => world.Jobs.Check(Of(queue), out var job) is null ? job! : throw new InvalidOperationException(queue)).ToArray();
        var admitting = world.Jobs.AdmitAsync(jobs, CancellationToken.None).AsTask();
        world.Settle();
        return JobWorld.Of(admitting);
    }

    private static JobOutcome? Edit(JobWorld world, JobId id, JobCommand.Edit edit)
    {
        var editing = world.Jobs.EditAsync(Namespace.Default, id, edit, CancellationToken.None).AsTask();
        world.Settle();
        return JobWorld.Of(editing);
    }

    private static Submission Of(string queue) => new() { Namespace = Namespace.Default, Task = "held", Queue = queue };

    private static void Run(Action<JobWorld> test)
    {
        using var simulation = new ActorSimulation(20261123, JobWorld.Config);
        var world = new JobWorld(simulation);
        (world.QueueOptions["small"], world.QueueOptions["medium"]) = (new QueueOptions { MaxWaiting = 1 }, new QueueOptions { MaxWaiting = 3 });
        test(world);
    }
}
