using System.Collections.Concurrent;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>The limit of an actor: a queue of messages with their senders, drained by a work item of the thread pool, and nothing else. No life
/// cycle, no supervision, no batches, no reference in between.</summary>
internal abstract class BareMailbox : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Letter> _letters = new();
    private int _scheduled;

    public void Post(object message, object? sender)
    {
        _letters.Enqueue(new Letter(message, sender));
        if (Volatile.Read(ref _scheduled) == 0) Schedule();
    }

    public void Execute()
    {
        while (_letters.TryDequeue(out var letter)) Handle(letter.Message, letter.Sender);
        Interlocked.Exchange(ref _scheduled, 0);
        if (!_letters.IsEmpty) Schedule();
    }

    protected abstract void Handle(object message, object? sender);

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private readonly record struct Letter(object Message, object? Sender);
}
