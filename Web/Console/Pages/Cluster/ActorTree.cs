using System.Collections.Immutable;
using ActorPerf.Kernel;

namespace ActorPerf.Web.Console.Pages;

/// <summary>An actor as a row of the tree.</summary>
/// <param name="Depth">Below the actor that was looked at, which has 0.</param>
/// <param name="Hidden">Children that are not rows of their own.</param>
public sealed record ActorLine(string Path, string Type, int Depth, int Children, int Hidden, long Mailbox, long Processed, int Restarts, string? LastFailure)
{
    public string Name => Path == "/" ? "/" : Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>The console's look at the actors of this node.</summary>
/// <param name="inspector">Null where the actors cannot be looked at.</param>
internal sealed class ActorTree(IActorInspector? inspector = null)
{
    private const int Depth = 2;

    /// <summary>Children of one actor that get a row; the busiest first where there are more.</summary>
    private const int MostChildren = 24;

    /// <summary>The actor at a path and two generations below it, each behind its parent; null when none lives there.</summary>
    public IReadOnlyList<ActorLine>? Look(string path)
    {
        if (inspector?.Look(path, Depth) is not { } found) return null;
        var rows = new List<ActorLine>();
        Add(rows, found, 0);
        return rows;
    }

    /// <summary>The mailboxes of the actors that a node begins with; those below wait for these.</summary>
    public IReadOnlyList<(string Path, long Waiting)> Mailboxes() =>
        inspector?.Look("/user", 1) is { } user ? [.. user.Children.Where(static child => child.Mailbox > 0).Select(static child => (child.Path, child.Mailbox))] : [];

    private static void Add(List<ActorLine> rows, ActorView actor, int depth)
    {
        var shown = Shown(actor);
        rows.Add(new ActorLine(actor.Path, actor.Type, depth, actor.ChildCount, depth == Depth ? 0 : actor.ChildCount - shown.Length, actor.Mailbox, actor.Processed, actor.Restarts, actor.LastFailure));
        foreach (var child in shown) Add(rows, child, depth + 1);
    }

    private static ImmutableArray<ActorView> Shown(ActorView actor) => actor.Children.Length <= MostChildren
        ? actor.Children
        : [.. actor.Children.OrderByDescending(static child => child.LastFailure is not null).ThenByDescending(static child => child.Mailbox)
            .ThenByDescending(static child => child.Processed).Take(MostChildren)];
}
