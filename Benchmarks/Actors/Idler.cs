using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>An actor that only lives; it crosses the line when it has started.</summary>
internal sealed class Idler : UntypedActor
{
    private readonly FinishLine _born;

    public Idler(FinishLine born) => _born = born;

    protected override void PreStart() => _born.Cross();

    protected override void OnReceive(object message) => Unhandled(message);
}

/// <summary>Starts so many of them when told anything, and takes them with it when it stops.</summary>
internal sealed class Breeder : UntypedActor
{
    private readonly Props _child;
    private readonly int _count;

    public Breeder(int count, FinishLine born)
    {
        _count = count;
        _child = Props.Create(() => new Idler(born));
    }

    protected override void OnReceive(object message)
    {
        for (var i = 0; i < _count; i++) Context.ActorOf(_child);
    }
}
