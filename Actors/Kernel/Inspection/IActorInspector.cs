using System.Collections.Immutable;

namespace ActorPerf.Kernel;

/// <summary>The console's and command line's view of the actor tree. Reading it stops no actor; figures of running actors are a moment old.</summary>
public interface IActorInspector
{
    /// <summary>Looks at one actor and those below it.</summary>
    /// <param name="path">From the root, without address: <c>/</c>, <c>/user</c>, <c>/user/compute/default</c>.</param>
    /// <param name="depth">Levels of children shown; 0 for the actor alone. At most 32.</param>
    /// <returns>Null when no such actor lives.</returns>
    ActorView? Look(string path, int depth);

    /// <summary>All actors by class, in order of name. Totals count those that have stopped; empty where the implementation does not tell.</summary>
    IReadOnlyList<ActorTypeFigures> ByType() => [];

    /// <summary>Restarts since the system started, by class of actor and failure, in order of both; empty where there were none or the implementation does not tell.</summary>
    IReadOnlyList<ActorRestarts> Restarts() => [];

    /// <summary>Messages that reached nobody since the system started; null where the implementation does not tell.</summary>
    long? DeadLetters => null;
}

/// <summary>The actors of a class.</summary>
/// <param name="Type">The class's name.</param>
/// <param name="Actors">How many live.</param>
/// <param name="Mailbox">Messages that wait in their mailboxes.</param>
/// <param name="Processed">Messages handled since the system started. Of an actor that stops at this moment they may be missing.</param>
/// <param name="Restarts">Times an instance was replaced since the system started.</param>
public sealed record ActorTypeFigures(string Type, int Actors, long Mailbox, long Processed, long Restarts);

/// <summary>Times that instances of a class were replaced after one kind of failure.</summary>
/// <param name="Type">The actor's class.</param>
/// <param name="Failure">The exception's class.</param>
public sealed record ActorRestarts(string Type, string Failure, long Count);

/// <summary>One actor as it was a moment ago.</summary>
/// <param name="Path">From the root, without address.</param>
/// <param name="Type">The class's name.</param>
/// <param name="ChildCount">All its children, shown or not.</param>
/// <param name="Children">In the order of their start; the first 1,000, and none below the depth that was asked for.</param>
/// <param name="Mailbox">Messages waiting.</param>
/// <param name="Processed">Messages handled since it was started, over all its instances.</param>
/// <param name="Restarts">Times its instance was replaced.</param>
/// <param name="LastFailure">Type and message of what it threw last; null if it never did.</param>
public sealed record ActorView(
    string Path, string Type, int ChildCount, ImmutableArray<ActorView> Children, long Mailbox, long Processed, int Restarts, string? LastFailure);
