using System.Collections.Concurrent;
using System.Text;
using ActorPerf.Compute;
using ActorPerf.Kernel;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Shipped;
using ActorPerf.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Compute;

public sealed class ComputePoolTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<TaskCompletionSource<string>> _calls = [];
    private ActorSystem _system = null!;
    private Probe _probe = null!;
    private ComputePool _pool = null!;

    public async ValueTask DisposeAsync()
    {
        foreach (var call in _calls) call.TrySetResult("0");
        await _system.Terminate();
    }

    [Fact]
    public async Task A_routee_runs_one_attempt_at_a_time_and_the_rest_wait_in_line()
    {
        await Start(routees: 2);
        var task = Held();
        for (var i = 0; i < 3; i++) Compute(task, i);
        await Eventually.Is(() => _calls.Count == 2 && _pool.Meter.Read().Waiting == 1, "two run and one waits");
        Release(1);
        var first = await _probe.Next<AttemptEnded>();
        Assert.Equal("1", Text(first));
        await Eventually.Is(() => _calls.Count == 2 && _pool.Meter.Read() is { Waiting: 0, Computes: 2 }, "the third runs");
    }

    [Fact]
    public async Task Jobs_are_granted_permits_and_computations_keep_their_reserve()
    {
        await Start(routees: 4);
        _pool.Gate.Tell(new GateCommand.Want(100), _probe.Ref);
        Assert.Equal(3, (await _probe.Next<GateReply.Granted>()).Count);
        for (var i = 0; i < 3; i++) Job(Held(), $"job {i}");
        await Eventually.Is(() => _calls.Count == 3, "three jobs run");
        Compute(Held(), "compute");
        await Eventually.Is(() => _pool.Meter.Read() is { Jobs: 3, Computes: 1 }, "three jobs and a computation run");
        Release(1);
        Assert.NotNull(await _probe.Next<AttemptEnded>());
        Assert.Equal(1, (await _probe.Next<GateReply.Granted>()).Count);
    }

    [Fact]
    public async Task Returned_permits_are_granted_again()
    {
        await Start(routees: 4);
        var other = new Probe(_system);
        _pool.Gate.Tell(new GateCommand.Want(3), _probe.Ref);
        Assert.Equal(3, (await _probe.Next<GateReply.Granted>()).Count);
        _pool.Gate.Tell(new GateCommand.Want(1), other.Ref);
        _pool.Gate.Tell(new GateCommand.Return(2), _probe.Ref);
        Assert.Equal(1, (await other.Next<GateReply.Granted>()).Count);
        _pool.Gate.Tell(new GateCommand.Return(int.MaxValue), _probe.Ref); // more than it holds: all
        _pool.Gate.Tell(new GateCommand.Want(9), _probe.Ref);
        Assert.Equal(2, (await _probe.Next<GateReply.Granted>()).Count);
    }

    [Fact]
    public async Task Open_permits_are_taken_without_a_message_and_used_or_returned_like_others()
    {
        await Start(routees: 4);
        Assert.Equal(0, _pool.Open.Take(1));                                   // nobody has asked to take
        _pool.Gate.Tell(GateCommand.LayOpen.Instance, _probe.Ref);
        await Eventually.Is(() => _pool.Open.Count == 3, "all but the reserve lie open");
        Assert.Equal(3, _pool.Open.Take(9));
        _pool.Gate.Tell(new GateCommand.Return(1), _probe.Ref);
        Job(Held(), "job");
        await Eventually.Is(() => _pool.Meter.Read().Jobs == 1 && _pool.Open.Count == 1, "one runs, one is held, one lies open");
        for (var i = 0; i < 3; i++) Compute(Held(), i);
        await Eventually.Is(() => _pool.Meter.Read() is { Computes: 2, Waiting: 1 } && _pool.Open.Count == 0 && _calls.Count == 3, "computations got the open one, and all three run");
        Release(3);
        await Eventually.Is(() => _calls.Count == 1, "the one that waited runs");
        Release(1);
        for (var i = 0; i < 4; i++) await _probe.Next<AttemptEnded>();
        await Eventually.Is(() => _pool.Open.Count == 2, "all but the one in hand are back");
    }

    [Fact]
    public async Task Taking_from_many_sides_never_gives_more_permits_than_routees()
    {
        await Start(routees: 8);
        _pool.Gate.Tell(GateCommand.LayOpen.Instance, _probe.Ref);
        var task = A.Lambda((_, _) => Task.FromResult("1"));
        var started = 0;
        while (started < 2_000)
        {
            var taken = _pool.Open.Take(3);
            for (var i = 0; i < taken; i++)
            {
                if ((started + i) % 5 == 0) _pool.Gate.Tell(new GateCommand.Return(1), _probe.Ref);
                else Job(task, new object());
                Assert.True(_pool.Meter.Read().Jobs <= 6, "jobs keep out of the reserve");
            }
            started += taken;
            if (taken == 0) await Task.Yield();
            else if (started % 3 == 0) Compute(task, new object());
        }
        await Eventually.Is(() => _pool.Open.Count == 6 && _pool.Meter.Read() is { Busy: 0, Waiting: 0 }, "every permit is back");
    }

    [Fact]
    public async Task A_dead_holder_gives_its_permits_back()
    {
        await Start(routees: 1);
        var mortal = new Probe(_system);
        _pool.Gate.Tell(new GateCommand.Want(5), mortal.Ref);
        Assert.Equal(1, (await mortal.Next<GateReply.Granted>()).Count);
        _pool.Gate.Tell(new GateCommand.Want(5), _probe.Ref);
        _system.Stop(mortal.Ref);
        Assert.Equal(1, (await _probe.Next<GateReply.Granted>()).Count);
    }

    [Fact]
    public async Task A_full_line_answers_busy_and_a_free_routee_never_does()
    {
        await Start(routees: 1, options: new ComputeOptions { MaxWaiting = 0 });
        var task = Held();
        Compute(task, 1);
        Compute(task, 2);
        var busy = await _probe.Next<GateReply.Busy>();
        Assert.Equal((2, TimeSpan.FromSeconds(1)), ((int)busy.Ticket, busy.RetryAfter));
    }

    [Fact]
    public async Task A_cancelled_computation_leaves_the_line()
    {
        await Start(routees: 1);
        using var cancellation = new CancellationTokenSource();
        Compute(Held(), 1);
        Compute(Held(), 2, ct: cancellation.Token);
        await Eventually.Is(() => _pool.Meter.Read().Waiting == 1, "one waits");
        await cancellation.CancelAsync();
        var left = await _probe.Next<AttemptEnded>();
        Assert.Equal(2, left.Ticket);
        Assert.IsType<AttemptOutcome.Cancelled>(left.Outcome);
        await Eventually.Is(() => _pool.Meter.Read().Waiting == 0, "nobody waits");
    }

    [Fact]
    public async Task What_a_task_throws_is_an_outcome()
    {
        await Start(routees: 1);
        Compute(A.Lambda((_, _) => throw new InvalidOperationException("no")), 1);
        Assert.Equal(new TaskError("InvalidOperationException", "no"), Error(await _probe.Next<AttemptEnded>()));
        Compute(A.Lambda(async (_, _) =>
        {
            await Task.Yield();
            throw new NonRetryableException("never");
        }), 2);
        Assert.Equal(new TaskError("NonRetryableException", "never", Retryable: false), Error(await _probe.Next<AttemptEnded>()));
        Compute(A.Lambda((_, _) => Task.FromResult(new string('1', 5 * 1024 * 1024))), 3);
        Assert.Equal("bad-result", Error(await _probe.Next<AttemptEnded>()).Type);
        Compute(A.Lambda((_, _) => throw new OperationCanceledException("not ours")), 4);
        Assert.Equal("OperationCanceledException", Error(await _probe.Next<AttemptEnded>()).Type);
        Compute(A.Lambda((_, _) => Task.FromResult("1")), 5, ct: new CancellationToken(canceled: true));
        Assert.IsType<AttemptOutcome.Cancelled>((await _probe.Next<AttemptEnded>()).Outcome);
        Compute(A.Task<PrimesTask>(), 6, args: """{"limit":-1}""");
        Assert.Equal("invalid-args", Error(await _probe.Next<AttemptEnded>()).Type);
    }

    [Fact]
    public async Task A_lost_routee_fails_its_attempt_and_is_replaced()
    {
        await Start(routees: 2);
        Compute(Held(), 1);
        await Eventually.Is(() => _calls.Count == 1, "it runs");
        await StopAllRoutees();
        var ended = await _probe.Next<AttemptEnded>();
        Assert.Equal("routee-lost", Error(ended).Type);
        await Eventually.Is(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _pool.Meter.Read() is { Routees: 2, Busy: 0 };
        }, "two routees again");
        Compute(A.Lambda((_, _) => Task.FromResult("7")), 2);
        Assert.Equal("7", Text(await _probe.Next<AttemptEnded>()));
    }

    [Fact]
    public async Task A_pool_whose_router_stopped_is_started_again()
    {
        await Start(routees: 2);
        Compute(Held(), 1);
        await Eventually.Is(() => _calls.Count == 1, "it runs");
        _system.Stop(_pool.Router);
        Assert.Equal("routee-lost", Error(await _probe.Next<AttemptEnded>()).Type);
        await Eventually.Is(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _pool.Meter.Read() is { Routees: 2, Busy: 0 };
        }, "two routees again");
        Compute(A.Lambda((_, _) => Task.FromResult("7")), 2);
        Assert.Equal("7", Text(await _probe.Next<AttemptEnded>()));
    }

    [Fact]
    public async Task An_abandoned_run_is_replaced_and_counted_until_its_code_ends()
    {
        await Start(routees: 1);
        Compute(Held(), 1);
        await Eventually.Is(() => _calls.Count == 1, "it runs");
        _pool.Gate.Tell(new GateCommand.Abandon(1), _probe.Ref);
        Compute(A.Lambda((_, _) => Task.FromResult("2")), 2);
        Assert.Equal("2", Text(await _probe.Next<AttemptEnded>()));
        await Eventually.Is(() => _pool.Meter.Read() is { Abandoned: 1, AbandonedEver: 1, Routees: 1 }, "one is abandoned, and replaced");
        Release(1);
        await Eventually.Is(() => _pool.Meter.Read() is { Abandoned: 0, Routees: 1 }, "the old routee is gone");
        Assert.True(_probe.IsEmpty);
    }

    [Fact]
    public async Task Too_many_abandoned_runs_close_the_queue_to_jobs_until_one_ends()
    {
        await Start(routees: 4, options: new ComputeOptions { MaxAbandoned = 2 });
        for (var i = 0; i < 2; i++) Compute(Held(), i);
        await Eventually.Is(() => _calls.Count == 2, "two run");
        for (var i = 0; i < 2; i++) _pool.Gate.Tell(new GateCommand.Abandon(i), _probe.Ref);
        _pool.Gate.Tell(new GateCommand.Want(1), _probe.Ref);
        Compute(A.Lambda((_, _) => Task.FromResult("3")), 3);
        Assert.Equal("3", Text(await _probe.Next<AttemptEnded>()));
        await Eventually.Is(() => _pool.Meter.Read().Closed, "closed");
        Assert.Contains("takes no more jobs", new ComputeDirectory([_pool]).Condition, StringComparison.Ordinal);
        Release(1);
        Assert.Equal(1, (await _probe.Next<GateReply.Granted>()).Count);
        await Eventually.Is(() => new ComputeDirectory([_pool]).Condition is null, "open");
    }

    [Fact]
    public async Task A_thousand_sleepers_hold_no_threads()
    {
        await Start(routees: 1_024, queue: "io");
        var sleep = A.Task<SleepTask>(_time);
        for (var i = 0; i < 1_000; i++) Compute(sleep, i, args: """{"duration":"3s"}""");
        await Eventually.Is(() => _pool.Meter.Read().Busy == 1_000, "all run at once");
        // Other tests have threads, too, for a while; a sleeper that held one would hold it until it wakes.
        await Eventually.Is(() => ThreadPool.ThreadCount <= 50, () => $"{ThreadPool.ThreadCount} threads for sleepers");
        await Eventually.Is(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            return _pool.Meter.Read().Ended == 1_000;
        }, "all wake");
        for (var i = 0; i < 1_000; i++) Assert.Equal("3", Text(await _probe.Next<AttemptEnded>()));
        Assert.Equal(1_000, _pool.Meter.Read().Ended);
    }

    [Fact]
    public async Task A_deployment_entry_sizes_the_pool_and_without_one_it_has_four_routees()
    {
        await Start(routees: 3);
        Assert.Equal(3, _pool.Meter.Read().Routees);
        await _system.Terminate();
        _system = ActorSystem.Create("bare");
        var directory = await ComputePools.StartAsync(_system, ["a", "b.c"], new ComputeOptions(), _time, NullLogger<ComputePools>.Instance);
        await Eventually.Is(() => directory.Find("b.c")!.Meter.Read().Routees == 4, "four routees");
        Assert.Null(directory.Find("other"));
    }

    private async Task Start(int routees, ComputeOptions? options = null, string queue = "default")
    {
        var config = Config.FromPairs(
        [
            new($"akka.actor.deployment./compute/{queue}.router", "smallest-mailbox-pool"),
            new($"akka.actor.deployment./compute/{queue}.nr-of-instances", $"{routees}"),
        ]);
        _system = ActorSystem.Create("test", config, new KernelSetup { Time = _time });
        _probe = new Probe(_system);
        var directory = await ComputePools.StartAsync(_system, [queue], options ?? new ComputeOptions(), _time, NullLogger<ComputePools>.Instance);
        _pool = directory.Find(queue)!;
        await Eventually.Is(() => _pool.Meter.Read().Routees == routees, "all routees are there");
    }

    private void Compute(TaskDescriptor task, object ticket, string args = "{}", CancellationToken ct = default) =>
        _pool.Gate.Tell(new GateCommand.StartCompute(A.Attempt(task, ticket, args, ct), _probe.Ref), _probe.Ref);

    private void Job(TaskDescriptor task, object ticket) => _pool.Gate.Tell(new GateCommand.StartJob(A.Attempt(task, ticket), _probe.Ref), _probe.Ref);

    /// <summary>A task that runs until the test releases it.</summary>
    private TaskDescriptor Held() => A.Lambda((_, _) =>
    {
        var call = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Enqueue(call);
        return call.Task;
    });

    /// <summary>Those must run: that a gate counts one says only that it is about to.</summary>
    private void Release(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(_calls.TryDequeue(out var call), "none runs that could be released");
            call.SetResult("1");
        }
    }

    private async Task StopAllRoutees()
    {
        var routees = await _pool.Router.Ask<Routees>(GetRoutees.Instance, TimeSpan.FromSeconds(10));
        var actors = routees.Members.Cast<ActorRefRoutee>().Select(routee => routee.Actor).ToArray();
        foreach (var actor in actors) _system.Stop(actor);
    }

    private static string Text(AttemptEnded ended) => Encoding.UTF8.GetString(Assert.IsType<AttemptOutcome.Succeeded>(ended.Outcome).Result.Span);

    private static TaskError Error(AttemptEnded ended) => Assert.IsType<AttemptOutcome.Failed>(ended.Outcome).Error;
}
