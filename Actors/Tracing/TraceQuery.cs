namespace ActorPerf.Tracing;

/// <summary>Which traces are wanted.</summary>
/// <param name="Namespace">Null: of all namespaces, and of none.</param>
/// <param name="Route">Only of this one, as <see cref="TraceSummary.Route"/> writes it; null: of all.</param>
/// <param name="MinDuration">Only those that took as long.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Order">Newest first by default.</param>
public sealed record TraceQuery(string? Namespace, string? Route = null, TimeSpan MinDuration = default, int Limit = 50, TraceOrder Order = TraceOrder.Newest)
{
    public const int MaxLimit = 500;

    /// <summary>Only those that ended in an error.</summary>
    public bool OnlyErrors { get; init; }

    /// <summary>Only requests, or only attempts of jobs; null: both.</summary>
    public CallKind? Kind { get; init; }

    /// <summary>Only those that ended before this moment: the <see cref="TraceSummary.EndedAt"/> of the last one of the page before. Null: from the newest on.</summary>
    public DateTimeOffset? Before { get; init; }
}

public enum TraceOrder
{
    Newest,
    Slowest,
}
