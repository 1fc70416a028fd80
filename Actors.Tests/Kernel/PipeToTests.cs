namespace ActorPerf.Tests.Kernel;

public sealed class PipeToTests : ActorTest
{
    [Fact]
    public async Task A_result_becomes_a_message()
    {
        await Task.FromResult("a").PipeTo(TestActor);
        await new ValueTask<int>(1).PipeTo(TestActor, success: n => n + 1);
        await Task.CompletedTask.PipeTo(TestActor, success: () => "done");
        await ValueTask.CompletedTask.PipeTo(TestActor);
        await ExpectMsgAsync("a");
        await ExpectMsgAsync(2);
        await ExpectMsgAsync("done");
        await ExpectNoMsgAsync(30);
    }

    [Fact]
    public async Task A_failure_becomes_a_failure_status_or_what_it_is_turned_into()
    {
        await Task.FromException<int>(new FormatException("x")).PipeTo(TestActor);
        await Task.FromException(new FormatException("y")).PipeTo(TestActor, failure: e => e.Message);
        await Task.FromCanceled<int>(new CancellationToken(true)).PipeTo(TestActor);
        Assert.Equal("x", (await ExpectMsgAsync<Status.Failure>()).Cause.Message);
        await ExpectMsgAsync("y");
        Assert.IsAssignableFrom<OperationCanceledException>((await ExpectMsgAsync<Status.Failure>()).Cause);
    }

    [Fact]
    public async Task A_result_that_is_null_is_a_failure()
    {
        await Task.FromResult<string>(null!).PipeTo(TestActor);
        await Task.FromResult("a").PipeTo(TestActor, success: _ => null!);
        await Task.CompletedTask.PipeTo(TestActor, success: () => null!, failure: e => e);
        for (var i = 0; i < 2; i++) Assert.IsType<InvalidMessageException>((await ExpectMsgAsync<Status.Failure>()).Cause);
        await ExpectMsgAsync<InvalidMessageException>();
    }

    [Fact]
    public async Task The_sender_is_the_one_named()
    {
        var probe = CreateTestProbe();
        await Task.FromResult("a").PipeTo(TestActor, probe.Ref);
        await ExpectMsgAsync("a");
        Assert.Equal(probe.Ref, LastSender);
    }
}
