namespace ActorPerf.Web.Console.Charts;

/// <summary>One stretch of a waterfall.</summary>
/// <param name="Start">From the start of the whole; negative where it began before, and then what lies before is not drawn.</param>
/// <param name="Depth">How far it is moved in below what it belongs to; 0 to 8.</param>
/// <param name="Tone">As of a series, or a job's state.</param>
public sealed record WaterfallSpan(string Name, TimeSpan Start, TimeSpan Length, string Tone = "1", int Depth = 0)
{
    /// <summary>What links lead to; null for none.</summary>
    public string? Anchor { get; init; }

    /// <summary>More words about it, each a short one.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Others took part in it, so it is drawn apart.</summary>
    public bool IsShared { get; init; }

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Error { get; init; }
}

/// <summary>What happened one beside the other and one after the other.</summary>
/// <param name="Spans">In the order of their start; the table and the picture are the same list.</param>
public sealed record WaterfallModel(string Title, IReadOnlyList<WaterfallSpan> Spans)
{
    public const int Width = 1_000;

    /// <summary>From the start of the whole to the end of the last; never zero.</summary>
    public TimeSpan Length { get; } = TimeSpan.FromTicks(Math.Max(1, Spans.Select(static span => (span.Start + span.Length).Ticks).DefaultIfEmpty().Max()));

    public int X(WaterfallSpan span) => Math.Min(Place(span.Start), Width - 3);

    /// <summary>At least what can be seen.</summary>
    public int Wide(WaterfallSpan span) => Math.Max(3, Place(span.Start + span.Length) - X(span));

    private int Place(TimeSpan at) => (int)Math.Round(Math.Clamp(at / Length, 0, 1) * Width);
}
