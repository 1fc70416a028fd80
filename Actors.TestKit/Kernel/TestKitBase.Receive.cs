using System.Runtime.CompilerServices;

namespace ActorPerf.TestKit;

/// <summary>Taking messages.</summary>
public abstract partial class TestKitBase
{
    public object? ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) => Synchronously(ReceiveOneAsync(max, cancellationToken));

    /// <summary>The next message; null when none came in time.</summary>
    public async ValueTask<object?> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await TakeAsync(RemainingOrDilated(max), cancellationToken).ConfigureAwait(false) is { } envelope ? envelope.Message : null;

    public object? PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) => Synchronously(PeekOneAsync(max, cancellationToken));

    /// <summary>The next message, left where it is; null when none came in time.</summary>
    public async ValueTask<object?> PeekOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await WaitAsync(RemainingOrDilated(max), cancellationToken).ConfigureAwait(false) && _inbox.Reader.TryPeek(out var envelope) ? envelope.Message : null;

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        Synchronously(new ValueTask<List<object>>(CollectAsync(numberOfMessages, RemainingOrDefault, cancellationToken)));

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        Synchronously(new ValueTask<List<object>>(CollectAsync(numberOfMessages, Dilated(max), cancellationToken)));

    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, CancellationToken cancellationToken = default) =>
        EnumerateAsync(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>So many messages in a row, in so much time altogether; fewer fail the test.</summary>
    public IAsyncEnumerable<object> ReceiveNAsync(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default) =>
        EnumerateAsync(numberOfMessages, Dilated(max), cancellationToken);

    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Synchronously(FishForMessageAsync(isMessage, max, hint, cancellationToken));

    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        Synchronously(FishForMessageAsync<object>(isMessage, max, hint, cancellationToken));

    /// <summary>Drops messages until one is of the type and wanted.</summary>
    public async ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var limit = RemainingOrDilated(max);
        var end = Now + limit;
        while (await TakeAsync(Positive(end - Now), cancellationToken).ConfigureAwait(false) is { } envelope)
        {
            if (envelope.Message is T message && isMessage(message)) return message;
        }
        throw Failed($"No wanted message of type {typeof(T)} within {limit}. {hint}");
    }

    private async IAsyncEnumerable<object> EnumerateAsync(int count, TimeSpan limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = Now + limit;
        for (var i = 0; i < count; i++)
        {
            var envelope = await TakeAsync(Positive(end - Now), cancellationToken).ConfigureAwait(false)
                ?? throw Failed($"Only {i} of {count} messages within {limit}.");
            yield return envelope.Message;
        }
    }

    private async Task<List<object>> CollectAsync(int count, TimeSpan limit, CancellationToken cancellationToken)
    {
        var messages = new List<object>(count);
        await foreach (var message in EnumerateAsync(count, limit, cancellationToken).ConfigureAwait(false)) messages.Add(message);
        return messages;
    }

    private async ValueTask<Envelope?> TakeAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = Now + limit;
        do
        {
            if (!_inbox.Reader.TryRead(out var envelope)) continue;
            _last = envelope;
            return envelope;
        }
        while (await WaitAsync(Positive(end - Now), cancellationToken).ConfigureAwait(false));
        return null;
    }

    private async ValueTask<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (HasMessages) return true;
        if (limit <= TimeSpan.Zero) return false;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(limit);
        try
        {
            return await _inbox.Reader.WaitToReadAsync(enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Fails the test in its framework's words; what is returned is never thrown where those words throw.</summary>
    private InvalidOperationException Failed(string what)
    {
        _assertions.Fail("{0}", what);
        return new InvalidOperationException(what);
    }
}
