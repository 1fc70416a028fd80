namespace ActorPerf.Tracing;

/// <summary>The front door to what this node's figures were like over the last 15 minutes. Nothing is copied until somebody asks.</summary>
public interface ITimelines
{
    /// <summary>The timelines of a scope.</summary>
    /// <param name="scope">A namespace, or <see cref="Timelines.Node"/> for what belongs to none.</param>
    /// <returns>Those with anything in them; a node that has just started, or is stopping, has none.</returns>
    ValueTask<Timelines> ReadAsync(string scope, CancellationToken ct);
}

/// <summary>Timelines of one scope at one moment, by name (docs/console.md names them).</summary>
/// <param name="Until">The moment; the last point of each is of the slot under way.</param>
/// <param name="Lines">Each of <see cref="TimeSlots.Count"/> points, oldest first.</param>
public sealed record Timelines(DateTimeOffset Until, IReadOnlyDictionary<string, IReadOnlyList<double>> Lines)
{
    /// <summary>The scope of what no namespace owns.</summary>
    public const string Node = "";

    private static readonly double[] Flat = new double[TimeSlots.Count];

    /// <summary>The points of one; zeros where there is none.</summary>
    public IReadOnlyList<double> Of(string name) => Lines.TryGetValue(name, out var points) ? points : Flat;
}
