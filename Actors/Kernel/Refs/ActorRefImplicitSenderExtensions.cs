namespace ActorPerf.Kernel;

/// <summary>Telling with the running actor as sender.</summary>
public static class ActorRefImplicitSenderExtensions
{
    /// <summary>Sends <paramref name="message"/> from the actor that is running on this thread, or from nobody outside of actors.</summary>
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Self);

    /// <summary>Passes <paramref name="message"/> on and keeps its sender, who then gets the answer.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.Current?.Sender);
}
