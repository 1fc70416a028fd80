namespace ActorPerf.Tests.TestKit;

public sealed class ExpectTests : ActorTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(30), Minute = TimeSpan.FromMinutes(1);

    private void Receive(params object[] messages)
    {
        foreach (var message in messages) TestActor.Tell(message, TestActor);
    }

    [Fact]
    public async Task ExpectMsg_takes_the_next_message_by_type_value_or_predicate()
    {
        Receive("a", 1, "b", 2);
        Assert.Equal("a", ExpectMsg<string>(cancellationToken: TestContext.Current.CancellationToken));
        ExpectMsg(1, cancellationToken: TestContext.Current.CancellationToken);
        await ExpectMsgAsync<string>(text => text.Length == 1, cancellationToken: TestContext.Current.CancellationToken);
        await ExpectMsgAsync<int>(number => Assert.Equal(2, number), cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void ExpectMsg_fails_for_another_message_or_none()
    {
        Receive("a");
        Assert.ThrowsAny<Exception>(() => ExpectMsg<int>(cancellationToken: TestContext.Current.CancellationToken));
        Assert.ThrowsAny<Exception>(() => ExpectMsg<string>(Soon, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ExpectNoMsg_is_silence()
    {
        ExpectNoMsg(Soon, TestContext.Current.CancellationToken);
        Receive("a");
        Assert.Equal("a", PeekOne(cancellationToken: TestContext.Current.CancellationToken));      // it has come, and is still there
        Assert.ThrowsAny<Exception>(() => ExpectNoMsg(Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ExpectMsgAllOf_takes_messages_in_any_order()
    {
        Receive(2, 1, 3);
        ExpectMsgAllOf(1, 2, 3);
    }

    [Fact]
    public void FishForMessage_drops_what_is_not_wanted()
    {
        Receive("a", "b", 3, "c");
        Assert.Equal(3, FishForMessage<int>(number => number > 2, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("c", ReceiveOne(cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void ReceiveN_takes_so_many()
    {
        Receive(1, 2, 3);
        Assert.Equal([1, 2], ReceiveN(2, TestContext.Current.CancellationToken));
        Assert.ThrowsAny<Exception>(() => ReceiveN(2, Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Within_limits_what_is_inside_and_the_whole()
    {
        Within(Minute, () => Assert.True(Remaining <= Minute), cancellationToken: TestContext.Current.CancellationToken);
        Assert.ThrowsAny<Exception>(() =>
            Within(Soon, () => ExpectMsg<string>(cancellationToken: TestContext.Current.CancellationToken), cancellationToken: TestContext.Current.CancellationToken));
        Assert.ThrowsAny<InvalidOperationException>(() => Remaining);
    }

    [Fact]
    public async Task WithinAsync_may_ask_for_a_least_time() => await Assert.ThrowsAnyAsync<Exception>(() =>
        WithinAsync(Minute, 2 * Minute, () => Task.CompletedTask, cancellationToken: TestContext.Current.CancellationToken));

    [Fact]
    public async Task AwaitCondition_asks_until_the_answer_is_yes()
    {
        var asked = 0;
        await AwaitConditionAsync(() => Task.FromResult(++asked == 3), TestContext.Current.CancellationToken);
        AwaitCondition(() => ++asked == 5, TestContext.Current.CancellationToken);
        Assert.Equal(5, asked);
        await Assert.ThrowsAnyAsync<Exception>(() => AwaitConditionAsync(() => Task.FromResult(false), Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task AwaitAssert_tries_until_the_assertion_holds_and_else_fails_with_its_words()
    {
        var tried = 0;
        await AwaitAssertAsync(() => Assert.Equal(3, ++tried), cancellationToken: TestContext.Current.CancellationToken);
        var failure = Assert.ThrowsAny<Exception>(() => AwaitAssert(() => Assert.Fail("never so"), Soon, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("never so", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ignored_messages_do_not_reach_the_test()
    {
        IgnoreMessages(message => message is int);
        Receive(1, "a");
        ExpectMsg("a", cancellationToken: TestContext.Current.CancellationToken);
    }
}
