namespace ActorPerf.TestKit;

/// <summary>Counts events while something runs.</summary>
/// <param name="testkit">Says how long to wait, and in whose words to fail.</param>
/// <param name="observe">Begins to call the action at each wanted event, until its result is disposed.</param>
internal sealed class EventFilter(TestKitBase testkit, Func<Action, IDisposable> observe) : IEventFilterApplier
{
    private TimeSpan Leeway => testkit.TestKitSettings.TestEventFilterLeeway;

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Expect(expectedCount, Leeway, action, cancellationToken);

    public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout, action, cancellationToken).GetAwaiter().GetResult();

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, Leeway, actionAsync, cancellationToken);

    public Task ExpectAsync(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        ExpectAsync(expectedCount, timeout, AsTask(action), cancellationToken);

    public async Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default)
    {
        var seen = 0;
        using (observe(() => Interlocked.Increment(ref seen)))
        {
            await action().ConfigureAwait(false);
            await EnoughAsync(() => Volatile.Read(ref seen) >= expectedCount, timeout, cancellationToken).ConfigureAwait(false);
        }
        testkit.Check(seen == expectedCount, $"{expectedCount} events were expected within {timeout}, {seen} came.");
    }

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) => Expect(1, action, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) => Expect(1, timeout, action, cancellationToken);

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) => ExpectAsync(1, actionAsync, cancellationToken);

    public Task ExpectOneAsync(Action action, CancellationToken cancellationToken = default) => ExpectAsync(1, AsTask(action), cancellationToken);

    public Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        ExpectAsync(1, timeout, action, cancellationToken);

    private static async Task EnoughAsync(Func<bool> enough, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var end = TestKitBase.Now + timeout; !enough() && TestKitBase.Now < end;) await Task.Delay(5, cancellationToken).ConfigureAwait(false);
    }

    private static Func<Task> AsTask(Action action) => () =>
    {
        action();
        return Task.CompletedTask;
    };
}
