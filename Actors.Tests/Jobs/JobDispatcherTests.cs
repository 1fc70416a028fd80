using ActorPerf.Compute;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Jobs;

public sealed class JobDispatcherTests : IAsyncDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("dispatching");

    public async ValueTask DisposeAsync() => await _system.Terminate();

    [Fact]
    public async Task While_a_claim_is_under_way_permits_are_wanted_for_the_whole_line()
    {
        var (gate, tracker) = (new Probe(_system), new Probe(_system));
        var parts = new DispatcherParts("q", gate.Ref, tracker.Ref, new AttemptStart("node", _ => ActorRefs.Nobody));
        var dispatcher = _system.ActorOf(Props.Create(() => new JobDispatcher(parts)));
        var wanted = (await gate.Next<GateCommand.Want>()).Count;
        Assert.True(wanted > 100, "at its start a dispatcher takes the line for long");

        dispatcher.Tell(new GateReply.Granted(1));
        Assert.Equal(1, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        Assert.Equal(wanted - 1, (await gate.Next<GateCommand.Want>()).Count);

        dispatcher.Tell(new GateReply.Granted(40));
        dispatcher.Tell(new DispatcherCommand.Claimed(1, []));
        // The claim found the line empty: what is in hand goes back, and nothing more is wanted.
        Assert.Equal(0, (await gate.Next<GateCommand.Want>()).Count);
        Assert.Equal(41, (await gate.Next<GateCommand.Return>()).Count);
    }

    [Fact]
    public async Task A_large_pool_claims_in_two_parts_so_that_one_runs_while_the_next_is_taken()
    {
        var (gate, tracker) = (new Probe(_system), new Probe(_system));
        var parts = new DispatcherParts("q", gate.Ref, tracker.Ref, new AttemptStart("node", _ => ActorRefs.Nobody));
        var dispatcher = _system.ActorOf(Props.Create(() => new JobDispatcher(parts)));
        await gate.Next<GateCommand.Want>();
        dispatcher.Tell(new GateReply.Granted(700));
        Assert.Equal(256, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        Assert.Equal(256, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        Assert.True(tracker.IsEmpty);
        // The first saw the line's end; the second one, under way behind it, covers what came between.
        dispatcher.Tell(new DispatcherCommand.Claimed(256, []));
        dispatcher.Tell(new DispatcherCommand.Arrived(100));
        Assert.Equal(256, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        dispatcher.Tell(new DispatcherCommand.Claimed(256, []));
        dispatcher.Tell(new DispatcherCommand.Claimed(256, []));
        Assert.Equal(700, (await gate.NextOf<GateCommand.Return>()).Count);
    }

    [Fact]
    public async Task An_attempt_whose_start_fails_has_failed_and_the_dispatcher_goes_on_with_all_it_held()
    {
        var (gate, tracker) = (new Probe(_system), new Probe(_system));
        var parts = new DispatcherParts("q", gate.Ref, tracker.Ref, new AttemptStart("node", _ => throw new InvalidOperationException("no shard")));
        var dispatcher = _system.ActorOf(Props.Create(() => new JobDispatcher(parts)));
        await gate.Next<GateCommand.Want>();
        dispatcher.Tell(new GateReply.Granted(400));
        Assert.Equal(256, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        Assert.Equal(144, (await tracker.Next<TrackerCommand.Claim>()).Permits);

        var (first, broken, last) = (Attempt(null), Attempt(new Memoization(TimeSpan.FromMinutes(1))), Attempt(null));
        dispatcher.Tell(new DispatcherCommand.Claimed(256, [first, broken, last]));
        Assert.Same(first, (await gate.NextOf<GateCommand.StartJob>()).Attempt.Ticket);
        Assert.Equal(1, (await gate.NextOf<GateCommand.Return>()).Count);
        Assert.Same(last, (await gate.NextOf<GateCommand.StartJob>()).Attempt.Ticket);
        var ended = await tracker.Next<AttemptEnded>();
        Assert.Same(broken, ended.Ticket);
        Assert.Equal("not-started", Assert.IsType<AttemptOutcome.Failed>(ended.Outcome).Error.Type);

        // Of the first claim 253 permits are left, of which it makes another, beside the one that was under way before it failed.
        Assert.Equal(253, (await tracker.Next<TrackerCommand.Claim>()).Permits);
        dispatcher.Tell(new DispatcherCommand.Claimed(144, []));
        dispatcher.Tell(new DispatcherCommand.Claimed(253, []));
        Assert.Equal(397, (await gate.NextOf<GateCommand.Return>()).Count);
    }

    private static RunningAttempt Attempt(Memoization? memoize)
    {
        var row = new JobRow
        {
            Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "t", Queue = "q", State = JobState.Running, Attempt = 1,
            Run = new Run(new Incarnation(Guid.CreateVersion7()), Guid.NewGuid(), 1),
        };
        return new RunningAttempt(new Job(row, "{}"u8.ToArray(), null, null), A.Lambda((_, _) => Task.FromResult("1"), "t", memoize: memoize), ActorRefs.Nobody, TimeProvider.System);
    }
}
