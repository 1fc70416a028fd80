namespace ActorPerf.Tracing.Metrics;

/// <summary>What a family's numbers are.</summary>
public enum MetricKind
{
    /// <summary>A number that rises and falls.</summary>
    Gauge,

    /// <summary>A total that only rises; the name ends in <c>_total</c>.</summary>
    Counter,

    /// <summary>A distribution in buckets.</summary>
    Histogram,
}

/// <summary>Figures of one name, by their labels.</summary>
/// <param name="Name">As a monitoring system sees it: with prefix, base unit and, for counters, <c>_total</c>.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Points">No two with the same labels. A family without points is left out of the answer.</param>
public sealed record MetricFamily(string Name, MetricKind Kind, string Help, IReadOnlyList<MetricPoint> Points)
{
    /// <summary>Of one number without labels.</summary>
    public static MetricFamily Gauge(string name, string help, double value) => new(name, MetricKind.Gauge, help, [MetricPoint.Of(value)]);

    public static MetricFamily Gauges(string name, string help, IEnumerable<MetricPoint> points) => new(name, MetricKind.Gauge, help, [.. points]);

    /// <summary>Of one total without labels.</summary>
    public static MetricFamily Counter(string name, string help, double value) => new(name, MetricKind.Counter, help, [MetricPoint.Of(value)]);

    public static MetricFamily Counters(string name, string help, IEnumerable<MetricPoint> points) => new(name, MetricKind.Counter, help, [.. points]);

    public static MetricFamily Histograms(string name, string help, IEnumerable<MetricPoint> points) => new(name, MetricKind.Histogram, help, [.. points]);
}

/// <summary>A label's name, of letters, digits and underscores, and its value, of any characters.</summary>
public readonly record struct MetricLabel(string Name, string Value);

/// <summary>One line, or the lines of one distribution.</summary>
public abstract record MetricPoint
{
    private MetricPoint()
    {
    }

    /// <summary>In the order they are written.</summary>
    public required IReadOnlyList<MetricLabel> Labels { get; init; }

    public sealed record Number(double Value) : MetricPoint;

    /// <param name="Bounds">Upper bounds of the buckets, rising, each bound inside its bucket; the bucket above the last is not among them.</param>
    /// <param name="Counts">Values in each bucket, not added up; one more than <paramref name="Bounds"/>, the last above all of them.</param>
    /// <param name="Sum">Of all values.</param>
    public sealed record Distribution(IReadOnlyList<double> Bounds, IReadOnlyList<long> Counts, double Sum) : MetricPoint;

    public static MetricPoint Of(double value, params IEnumerable<(string Name, string Value)> labels) => new Number(value) { Labels = LabelsOf(labels) };

    public static MetricPoint Of(IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum, params IEnumerable<(string Name, string Value)> labels) =>
        new Distribution(bounds, counts, sum) { Labels = LabelsOf(labels) };

    private static IReadOnlyList<MetricLabel> LabelsOf(IEnumerable<(string Name, string Value)> labels) => [.. labels.Select(static label => new MetricLabel(label.Name, label.Value))];
}
