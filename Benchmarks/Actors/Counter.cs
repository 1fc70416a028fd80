using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>Counts messages and crosses the line with the last of a run.</summary>
internal sealed class Counter : ReceiveActor
{
    private int _seen;

    public Counter(int each, FinishLine line) => Receive<Note>(_ =>
    {
        if (++_seen < each) return;
        _seen = 0;
        line.Cross();
    });
}

/// <summary>The same without an actor.</summary>
internal sealed class BareCounter(int each, FinishLine line) : BareMailbox
{
    private int _seen;

    protected override void Handle(object message, object? sender)
    {
        if (message is not Note || ++_seen < each) return;
        _seen = 0;
        line.Cross();
    }
}
