using System.Threading.Channels;

namespace ActorPerf.TestKit;

/// <summary>Puts what it is told where the test looks.</summary>
internal sealed class TestActor(ChannelWriter<Envelope> inbox) : UntypedActor
{
    private Func<object, bool> _ignore = static _ => false;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Restart);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Watch watch: Sender.Tell(Context.Watch(watch.Subject)); break;
            case Unwatch unwatch: Sender.Tell(Context.Unwatch(unwatch.Subject)); break;
            case Ignore ignore: _ignore = ignore.What; break;
            case Spawn spawn: Sender.Tell(Context.ActorOf(spawn.Props, spawn.Name)); break;
            default:
                if (!_ignore(message)) inbox.TryWrite(new Envelope(message, Sender));
                break;
        }
    }

    public sealed record Watch(IActorRef Subject);

    public sealed record Unwatch(IActorRef Subject);

    public sealed record Ignore(Func<object, bool> What);

    public sealed record Spawn(Props Props, string? Name);
}
