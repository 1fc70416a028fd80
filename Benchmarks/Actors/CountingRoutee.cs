using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>Counts messages until it is asked for the number, which begins the count anew.</summary>
internal sealed class CountingRoutee : ReceiveActor
{
    private int _seen;

    public CountingRoutee()
    {
        Receive<Note>(_ => _seen++);
        Receive<Tally>(tally =>
        {
            tally.Add(_seen);
            _seen = 0;
        });
    }
}

/// <summary>The same without an actor.</summary>
internal sealed class BareRoutee : BareMailbox
{
    private int _seen;

    protected override void Handle(object message, object? sender)
    {
        if (message is Note)
        {
            _seen++;
        }
        else if (message is Tally tally)
        {
            tally.Add(_seen);
            _seen = 0;
        }
    }
}

/// <summary>Sums up what the routees of one run had; sent to all of them behind the last message.</summary>
/// <param name="expected">Messages in a run.</param>
internal sealed class Tally(int expected)
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _seen;

    /// <summary>Ends when every message has been handled.</summary>
    public Task Complete => _complete.Task;

    public void Add(int seen)
    {
        if (Interlocked.Add(ref _seen, seen) == expected) _complete.TrySetResult();
    }
}
