namespace ActorPerf.Load.Figures.Html;

/// <summary>One line of a plot.</summary>
/// <param name="Tone">A class of the report's style: <c>a</c> to <c>e</c>, or <c>bad</c>.</param>
/// <param name="Points">In order of X.</param>
internal sealed record PlotLine(string Name, string Tone, IReadOnlyList<(double X, double Y)> Points);

/// <summary>What a plot shows, and how its axes are written.</summary>
/// <param name="WriteX">A place of the horizontal axis as people read it.</param>
internal sealed record PlotModel(string Title, IReadOnlyList<PlotLine> Lines, Func<double, string> WriteX, Func<double, string> WriteY)
{
    /// <summary>Ticks of the horizontal axis; null: round places are found.</summary>
    public IReadOnlyList<double>? TicksX { get; init; }

    /// <summary>The first line is filled to the ground.</summary>
    public bool Filled { get; init; }

    /// <summary>Measured from here on; what lies before is shaded. Zero: all of it.</summary>
    public double CountsFrom { get; init; }

    /// <summary>As wide as the page, not half of it; its words stay as small.</summary>
    public bool Wide { get; init; }

    /// <summary>Where the horizontal axis begins; null: at the first point.</summary>
    public double? FromX { get; init; }

    public string Note { get; init; } = "";
}
