namespace ActorPerf.TestKit;

/// <summary>Expecting messages.</summary>
public abstract partial class TestKitBase
{
    public T ExpectMsg<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgAsync<T>(duration, hint, cancellationToken));

    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgAsync(message, timeout, hint, cancellationToken));

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgAsync(isMessage, timeout, hint, cancellationToken));

    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgAsync(assert, timeout, hint, cancellationToken));

    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgAsync(isMessageAndSender, timeout, hint, cancellationToken));

    /// <summary>The next message, which must be of the type.</summary>
    public async ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        (await NextAsync<T>(duration, hint, cancellationToken).ConfigureAwait(false)).Message;

    /// <summary>The next message, which must equal <paramref name="message"/>.</summary>
    public async ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default)
    {
        var (actual, _) = await NextAsync<T>(timeout, hint, cancellationToken).ConfigureAwait(false);
        _assertions.AssertEqual(message, actual, "Expected message <{0}>, but received <{1}>. {2}", message!, actual!, hint ?? "");
        return actual;
    }

    public async ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default)
    {
        var (actual, _) = await NextAsync<T>(timeout, hint, cancellationToken).ConfigureAwait(false);
        _assertions.AssertTrue(isMessage(actual), "Received <{0}>, which is not the message that was expected. {1}", actual!, hint ?? "");
        return actual;
    }

    public async ValueTask<T> ExpectMsgAsync<T>(
        Action<T> assert, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default)
    {
        var (actual, _) = await NextAsync<T>(timeout, hint, cancellationToken).ConfigureAwait(false);
        assert(actual);
        return actual;
    }

    public async ValueTask<T> ExpectMsgAsync<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default)
    {
        var (actual, sender) = await NextAsync<T>(timeout, hint, cancellationToken).ConfigureAwait(false);
        _assertions.AssertTrue(isMessageAndSender(actual, sender), "Received <{0}> from {1}, which was not expected. {2}", actual!, sender, hint ?? "");
        return actual;
    }

    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectMsgFromAsync<T>(sender, duration, hint, cancellationToken));

    public async ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, TimeSpan? duration = null, string? hint = null, CancellationToken cancellationToken = default)
    {
        var (actual, from) = await NextAsync<T>(duration, hint, cancellationToken).ConfigureAwait(false);
        _assertions.AssertEqual(sender, from, "Expected sender {0}, but it was {1}. {2}", sender, from, hint ?? "");
        return actual;
    }

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectMsgAllOf((IReadOnlyCollection<T>)messages);

    /// <summary>All of these, in any order, and no other in between.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default)
    {
        var missing = messages.ToList();
        var received = new List<T>();
        foreach (var message in ReceiveN(messages.Count, cancellationToken))
        {
            _assertions.AssertTrue(message is T typed && missing.Remove(typed), "Received <{0}>, which is not among those still expected.", message);
            received.Add((T)message);
        }
        return received;
    }

    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectTerminatedAsync(target, timeout, hint, cancellationToken));

    /// <summary>The next message, which must be the end of <paramref name="target"/>. Watch it before.</summary>
    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        ExpectMsgAsync<Terminated>(terminated => terminated.ActorRef.Equals(target), timeout, hint ?? $"Terminated {target}", cancellationToken);

    public void ExpectNoMsg(CancellationToken cancellationToken = default) => ExpectNoMsg(TestKitSettings.ExpectNoMessageDefault, cancellationToken);

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) =>
        Synchronously(ExpectNoMsgAsync(duration, cancellationToken).AsTask());

    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TestKitSettings.ExpectNoMessageDefault, cancellationToken);

    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    /// <summary>Silence for so long.</summary>
    public async ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default)
    {
        if (await TakeAsync(Dilated(duration), cancellationToken).ConfigureAwait(false) is { } envelope)
        {
            throw Failed($"Received <{envelope.Message}> from {envelope.Sender} although no message was expected.");
        }
    }

    private async ValueTask<(T Message, IActorRef Sender)> NextAsync<T>(TimeSpan? timeout, string? hint, CancellationToken cancellationToken)
    {
        var limit = RemainingOrDilated(timeout);
        var envelope = await TakeAsync(limit, cancellationToken).ConfigureAwait(false)
            ?? throw Failed($"No message within {limit} while a {typeof(T)} was expected. {hint}");
        if (envelope.Message is not T message)
        {
            throw Failed($"Received <{envelope.Message}> of type {envelope.Message.GetType()} while a {typeof(T)} was expected. {hint}");
        }
        return (message, envelope.Sender ?? Sys.DeadLetters);
    }
}
