namespace ActorPerf.Tests.TestKit;

public sealed class EventFilterTests : ActorTest
{
    private sealed class Failing : ReceiveActor
    {
        public Failing() => Receive<string>(text => throw new FormatException(text));
    }

    private IActorRef Start() => Sys.ActorOf(Props.Create(() => new Failing()), "failing");

    [Fact]
    public void A_failure_is_expected_by_its_exception()
    {
        var failing = Start();
        EventFilter.Exception<FormatException>(message: "of this").ExpectOne(() => failing.Tell("of this"));
    }

    [Fact]
    public async Task Several_failures_are_counted()
    {
        var failing = Start();
        await EventFilter.Exception<FormatException>(contains: "one").ExpectAsync(3, () =>
        {
            foreach (var text in new[] { "one 1", "other", "one 2", "one 3" }) failing.Tell(text);
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failure_s_line_is_an_error_with_the_actor_as_its_source()
    {
        var failing = Start();
        await EventFilter.Error(contains: "broken", source: failing.Path.ToString()).ExpectOneAsync(() => failing.Tell("broken"), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_dead_letter_is_expected_by_its_type()
    {
        var stopped = Start();
        Watch(stopped);
        Sys.Stop(stopped);
        ExpectTerminated(stopped);
        EventFilter.DeadLetter<string>(text => text == "late").ExpectOne(() =>
        {
            stopped.Tell(1);
            stopped.Tell("late");
        });
    }

    [Fact]
    public void Events_that_do_not_come_fail_the_test() => Assert.ThrowsAny<Exception>(() =>
        EventFilter.Exception<FormatException>().ExpectOne(TimeSpan.FromMilliseconds(50), static () => { }));
}
