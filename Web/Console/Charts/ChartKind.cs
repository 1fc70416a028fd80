namespace ActorPerf.Web.Console.Charts;

/// <summary>How a chart draws its points.</summary>
public enum ChartKind
{
    /// <summary>A line for each series.</summary>
    Line,

    /// <summary>Filled; several series stand on each other.</summary>
    Area,

    /// <summary>A bar for each point in time.</summary>
    Bars,

    /// <summary>A bar for each named group.</summary>
    Histogram,

    /// <summary>A small area without axes, for a row of a table.</summary>
    Sparkline,
}

/// <summary>What a chart's numbers are, which says how they are written.</summary>
public enum ChartUnit
{
    /// <summary>Things.</summary>
    Count,

    /// <summary>Things in a second.</summary>
    PerSecond,

    /// <summary>Seconds.</summary>
    Seconds,
}
