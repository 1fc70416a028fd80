using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>Sends messages back to where they came from: the first <c>returns</c> of the <c>each</c> it has in one run.
/// The others end there, so that the run ends.</summary>
internal sealed class Player : ReceiveActor
{
    private int _seen;

    public Player(int each, int returns, FinishLine line) => Receive<Note>(note =>
    {
        if (++_seen <= returns) Sender.Tell(note, Self);
        if (_seen < each) return;
        _seen = 0;
        line.Cross();
    });
}

/// <summary>The same without an actor.</summary>
internal sealed class BarePlayer(int each, int returns, FinishLine line) : BareMailbox
{
    private int _seen;

    protected override void Handle(object message, object? sender)
    {
        if (message is not Note note) return;
        if (++_seen <= returns) ((BareMailbox)sender!).Post(note, this);
        if (_seen < each) return;
        _seen = 0;
        line.Cross();
    }
}
