using System.Threading.Channels;

namespace ActorPerf.Tests;

/// <summary>An actor that keeps what it is told until the test asks.</summary>
internal sealed class Probe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<object> _inbox = Channel.CreateUnbounded<object>();

    public Probe(ActorSystem system)
    {
        var writer = _inbox.Writer;
        Ref = system.ActorOf(Props.Create(() => new Inbox(writer)));
    }

    public IActorRef Ref { get; }

    /// <summary>The next message, which must be a <typeparamref name="T"/>.</summary>
    public async Task<T> Next<T>()
    {
        using var patience = new CancellationTokenSource(Patience);
        return Assert.IsType<T>(await _inbox.Reader.ReadAsync(patience.Token));
    }

    /// <summary>The next <typeparamref name="T"/>, passing over what comes before it.</summary>
    public async Task<T> NextOf<T>()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
            if (await _inbox.Reader.ReadAsync(patience.Token) is T found) return found;
    }

    /// <summary>True when nothing has arrived, once all that was sent before has been handled.</summary>
    public bool IsEmpty => _inbox.Reader.Count == 0;

    private sealed class Inbox : ReceiveActor
    {
        public Inbox(ChannelWriter<object> writer) => ReceiveAny(message => writer.TryWrite(message));
    }
}
