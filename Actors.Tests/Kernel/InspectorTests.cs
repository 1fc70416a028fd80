using ActorPerf.Kernel;
using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

public sealed class InspectorTests : ActorTest
{
    private sealed class Parent : ReceiveActor
    {
        public Parent()
        {
            Context.ActorOf<Child>("child");
            Receive<string>(text => text == "throw", _ => throw new FormatException("oops"));
            Receive<ManualResetEventSlim>(gate => gate.Wait());
            ReceiveAny(message => Sender.Tell(message));
        }
    }

    private sealed class Child : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    [Fact]
    public async Task The_tree_shows_types_mailboxes_messages_restarts_and_failures()
    {
        var inspector = new KernelActorInspector(Sys);
        var parent = Sys.ActorOf<Parent>("parent");
        parent.Tell("throw");
        await parent.Ask<int>(1);
        using var gate = new ManualResetEventSlim();
        parent.Tell(gate);
        await AwaitConditionAsync(() => inspector.Look("/user/parent", 0)!.Processed == 3);
        parent.Tell("a");
        parent.Tell("b");
        var view = inspector.Look("/user/parent", 1)!;
        gate.Set();
        Assert.Equal(("/user/parent", "Parent", 2L, 3L, 1), (view.Path, view.Type, view.Mailbox, view.Processed, view.Restarts));
        Assert.Equal("FormatException: oops", view.LastFailure);
        Assert.Equal("/user/parent/child", Assert.Single(view.Children).Path);
    }

    [Fact]
    public async Task Totals_of_a_class_count_the_actors_that_have_stopped()
    {
        var inspector = new KernelActorInspector(Sys);
        var (stays, goes) = (Sys.ActorOf<Parent>("stays"), Sys.ActorOf<Parent>("goes"));
        await stays.Ask<int>(1);
        goes.Tell("throw");
        for (var i = 0; i < 3; i++) await goes.Ask<int>(i);
        Assert.True(await goes.GracefulStop(TimeSpan.FromSeconds(30)));
        // One and four, and the pill that stopped the other; a message counts when its handler has returned.
        await AwaitConditionAsync(() => Parents().Processed == 6);
        Assert.Equal(new ActorTypeFigures("Parent", 1, 0, 6, 1), Parents());
        Assert.Equal([new ActorRestarts("Parent", nameof(FormatException), 1)], inspector.Restarts());
        var before = inspector.DeadLetters;
        goes.Tell("too late");
        Assert.Equal(before + 1, inspector.DeadLetters);

        ActorTypeFigures Parents() => Assert.Single(inspector.ByType(), one => one.Type == "Parent");
    }

    [Fact]
    public void The_root_shows_the_guardians_and_depth_limits_what_is_shown()
    {
        var inspector = new KernelActorInspector(Sys);
        var root = inspector.Look("/", 1)!;
        Assert.Equal(["/system", "/user"], root.Children.Select(child => child.Path).Order());
        Assert.Empty(inspector.Look("/", 0)!.Children);
        Assert.Equal(2, inspector.Look("/", 0)!.ChildCount);
        Assert.Null(inspector.Look("/user/nobody/here", 1));
    }

    [Fact]
    [Trait("Kind", "Simulation")]
    public void Who_does_not_look_pays_nothing()
    {
        Allocated(inspected: true);            // once, for what the first run alone allocates
        Assert.Equal(0, Allocated(inspected: false));
        Assert.Equal(0, Allocated(inspected: true));
    }

    /// <summary>Bytes that a thousand messages cost, all handled on this thread; what the inspector is asked for afterwards was counted all the same.</summary>
    private static long Allocated(bool inspected)
    {
        using var simulation = new ActorSimulation(1);
        var inspector = inspected ? new KernelActorInspector(simulation.System) : null;
        var actor = simulation.System.ActorOf<Child>("child");
        Tell();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Tell();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Null(simulation.Time.UntilNextTimer);
        Assert.Equal(2_000, (inspector ?? new KernelActorInspector(simulation.System)).Look("/user/child", 0)!.Processed);
        return allocated;

        void Tell()
        {
            for (var i = 0; i < 1_000; i++)
            {
                actor.Tell("a");
                simulation.RunUntilIdle();
            }
        }
    }
}
