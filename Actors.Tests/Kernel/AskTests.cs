namespace ActorPerf.Tests.Kernel;

public sealed class AskTests : ActorTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private sealed class Answering : ReceiveActor
    {
        public Answering(IActorRef target)
        {
            Receive<string>(text => Sender.Tell(text + "!"));
            Receive<Exception>(e => Sender.Tell(new Status.Failure(e)));
            Receive<int>(_ => target.Tell(Sender));
            Receive<(IActorRef To, string Text)>(ask => ask.To.Tell(ask.Text));
        }
    }

    private IActorRef Start()
    {
        var target = TestActor;
        return Sys.ActorOf(Props.Create(() => new Answering(target)));
    }

    [Fact]
    public async Task An_ask_ends_with_the_answer() => Assert.Equal("a!", await Start().Ask<string>("a", Limit));

    [Fact]
    public async Task An_ask_without_answer_times_out() =>
        await Assert.ThrowsAsync<AskTimeoutException>(() => Start().Ask<string>(1, TimeSpan.FromMilliseconds(20)));

    [Fact]
    public async Task A_cancelled_ask_is_a_cancelled_task()
    {
        using var cancellation = new CancellationTokenSource();
        var answer = Start().Ask<string>(1, Limit, cancellation.Token);
        await ExpectMsgAsync<IActorRef>();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task An_ask_cancelled_before_it_began_sends_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Start().Ask<string>(1, new CancellationToken(canceled: true)));
        await ExpectNoMsgAsync(50);
    }

    [Fact]
    public async Task A_failure_status_is_the_task_s_failure() =>
        Assert.Equal("no", (await Assert.ThrowsAsync<FormatException>(() => Start().Ask<string>(new FormatException("no"), Limit))).Message);

    [Fact]
    public async Task A_failure_status_without_a_cause_fails_the_task_and_not_who_answers()
    {
        var answer = Start().Ask<string>(1, Limit);
        (await ExpectMsgAsync<IActorRef>()).Tell(new Status.Failure(null!));
        Assert.Contains("without a cause", (await Assert.ThrowsAsync<TaskCanceledException>(() => answer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_argument_exception() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Start().Ask<int>("a", Limit));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_would_end_an_actor_is_an_answer_as_any_other(bool isPill)
    {
        object end = isPill ? PoisonPill.Instance : Kill.Instance;
        var actor = Start();
        var (any, text) = (actor.Ask<object>(1, Limit), actor.Ask<string>(1, Limit));
        for (var i = 0; i < 2; i++) (await ExpectMsgAsync<IActorRef>()).Tell(end);
        Assert.Same(end, await any);
        await Assert.ThrowsAsync<ArgumentException>(() => text.WaitAsync(Limit));
    }

    [Fact]
    public async Task An_answer_to_a_cancelled_ask_is_forgotten()
    {
        using var cancellation = new CancellationTokenSource();
        _ = Start().Ask<string>(1, Limit, cancellation.Token);
        var asker = await ExpectMsgAsync<IActorRef>();
        await cancellation.CancelAsync();
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        asker.Tell("late");
        Sys.DeadLetters.Tell("next");
        Assert.Equal("next", (await ExpectMsgAsync<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_second_answer_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var answer = Start().Ask<string>(1, Limit);
        var asker = await ExpectMsgAsync<IActorRef>();
        asker.Tell("first");
        asker.Tell("second");
        Assert.Equal("first", await answer);
        Assert.Equal("second", (await ExpectMsgAsync<DeadLetter>()).Message);
    }

    [Fact]
    public async Task The_question_may_name_the_one_to_answer() =>
        Assert.Equal("a", await Start().Ask<string>(self => (self, "a"), Limit, CancellationToken.None));

    [Fact]
    public async Task The_asker_lives_under_temp()
    {
        _ = Start().Ask<string>(1, Limit);
        Assert.StartsWith("akka://test/temp/$", (await ExpectMsgAsync<IActorRef>()).Path.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_time_out_comes_from_the_configuration()
    {
        var system = ActorSystem.Create("impatient", Config.FromPairs([new("akka.actor.ask-timeout", "20ms")]));
        var target = TestActor;
        var actor = system.ActorOf(Props.Create(() => new Answering(target)));
        await Assert.ThrowsAsync<AskTimeoutException>(() => actor.Ask<string>(1));
        await system.Terminate();
    }
}
