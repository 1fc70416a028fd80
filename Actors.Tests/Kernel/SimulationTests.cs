using ActorPerf.TestKit;

namespace ActorPerf.Tests.Kernel;

/// <summary>What comes back from a question or a task is a turn of the simulation as any other.</summary>
[Trait("Kind", "Simulation")]
public sealed class SimulationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is TaskCompletionSource<string> open) open.SetResult("task");
            else if (message is not "mute") Sender.Tell(message);
        }
    }

    private sealed class Asking : ReceiveActor
    {
        private readonly IActorRef _echo = Context.ActorOf<Echo>();

        public Asking(List<string> log)
        {
            Receive<int>(number => AskAsync($"{Self.Path.Name}{number}").PipeTo(Self));
            Receive<string>(log.Add);
        }

        private async Task<string> AskAsync(string question) => await _echo.Ask<string>(question).ConfigureAwait(false);
    }

    private sealed class Piping : ReceiveActor
    {
        private readonly IActorRef _echo = Context.ActorOf<Echo>();

        public Piping(List<(object Message, int Thread)> log)
        {
            Receive<string>(text => text == "ask", _ => Pipe(_echo.Ask<string>("answer")));
            Receive<string>(text => text == "await", _ => Pipe(AwaitAsync()));
            Receive<string>(text => text == "time out", _ => Pipe(_echo.Ask<string>("mute", Second)));
            Receive<string>(text => text == "task", _ =>
            {
                var open = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                _echo.Tell(open);
                Pipe(open.Task);
            });
            Receive<string>(text => text == "stop", _ => Pipe(_echo.GracefulStop(Second)));
            Receive<(object, int)>(log.Add);
        }

        private async Task<string> AwaitAsync() => await _echo.Ask<string>("a").ConfigureAwait(false) + await _echo.Ask<string>("b").ConfigureAwait(false);

        private void Pipe<T>(Task<T> task) =>
            task.PipeTo(Self, success: result => ((object)result!, Environment.CurrentManagedThreadId), failure: e => ((object)e, Environment.CurrentManagedThreadId));
    }

    [Fact]
    public void Answers_come_in_the_order_of_the_seed()
    {
        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
    }

    private static string Order(int seed)
    {
        using var simulation = new ActorSimulation(seed);
        var log = new List<string>();
        var actors = Enumerable.Range(0, 4).Select(i => simulation.System.ActorOf(Props.Create(() => new Asking(log)), $"a{i}")).ToArray();
        for (var i = 0; i < 10; i++)
            foreach (var actor in actors) actor.Tell(i);
        simulation.RunUntilIdle();
        Assert.Equal(40, log.Count);
        return string.Join(' ', log);
    }

    [Theory]
    [InlineData("ask", "answer")]
    [InlineData("await", "ab")]
    [InlineData("time out", null)]
    [InlineData("task", "task")]
    [InlineData("stop", true)]
    public void What_an_actor_pipes_to_itself_comes_within_the_run_and_on_its_thread(string what, object? expected)
    {
        using var simulation = new ActorSimulation(1);
        var log = new List<(object Message, int Thread)>();
        simulation.System.ActorOf(Props.Create(() => new Piping(log))).Tell(what);
        simulation.RunFor(Second);
        var (message, thread) = Assert.Single(log);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        if (expected is null) Assert.IsType<AskTimeoutException>(message);
        else Assert.Equal(expected, message);
    }
}
