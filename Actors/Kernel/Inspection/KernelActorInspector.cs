namespace ActorPerf.Kernel;

/// <summary>Reads the cells of a kernel system. Actors keep the few numbers anyway, so nobody pays for not looking.</summary>
internal sealed class KernelActorInspector(ActorSystem system) : IActorInspector
{
    private const int MaxDepth = 32, MaxChildren = 1000;

    public ActorView? Look(string path, int depth)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        LocalActorRef? actor = ((ActorSystemImpl)system).Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            actor = actor?.Cell.FindChild(name);
        }
        return actor is null ? null : View(actor, Math.Min(depth, MaxDepth));
    }

    public long? DeadLetters => ((ActorSystemImpl)system).DeadLetterRef.Count;

    public IReadOnlyList<ActorRestarts> Restarts() => ((ActorSystemImpl)system).Restarts.Read();

    public IReadOnlyList<ActorTypeFigures> ByType()
    {
        var kernel = (ActorSystemImpl)system;
        // Those that have stopped first: one that stops meanwhile is then counted once or not at all, never twice.
        var figures = kernel.Stopped.Read();
        Count(kernel.Root.Cell, figures);
        return [.. figures.Values.OrderBy(static one => one.Type, StringComparer.Ordinal)];
    }

    private static void Count(ActorCell cell, Dictionary<string, ActorTypeFigures> figures)
    {
        if (!cell.IsTerminated)
        {
            var name = cell.Props.Type.Name;
            var before = figures.GetValueOrDefault(name) ?? new ActorTypeFigures(name, 0, 0, 0, 0);
            figures[name] = new ActorTypeFigures(
                name, before.Actors + 1, before.Mailbox + cell.MailboxDepth, before.Processed + cell.Processed, before.Restarts + cell.Restarts);
        }
        foreach (var child in cell.ChildrenSnapshot()) Count(child.Cell, figures);
    }

    private static ActorView View(LocalActorRef actor, int depth)
    {
        var cell = actor.Cell;
        var children = cell.ChildrenSnapshot();
        return new ActorView(
            actor.Path.ToStringWithoutAddress(),
            cell.Props.Type.Name,
            children.Length,
            depth == 0 ? [] : [.. children.Take(MaxChildren).Select(child => View(child, depth - 1))],
            cell.MailboxDepth,
            cell.Processed,
            cell.Restarts,
            cell.LastFailure is { } failure ? $"{failure.GetType().Name}: {failure.Message}" : null);
    }
}
