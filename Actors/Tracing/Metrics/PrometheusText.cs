using System.Globalization;
using System.Text;

namespace ActorPerf.Tracing.Metrics;

/// <summary>Writes metrics in the text format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <returns>Lines that end in a line feed; families without points are left out.</returns>
    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder(16 * 1024);
        foreach (var family in families)
            if (family.Points.Count > 0) Write(text, family);
        return text.ToString();
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(Word(family.Kind)).Append('\n');
        foreach (var point in family.Points)
        {
            switch (point)
            {
                case MetricPoint.Number number: Line(text, family.Name, "", number.Labels, null, number.Value); break;
                case MetricPoint.Distribution distribution: Write(text, family.Name, distribution); break;
                default: break;
            }
        }
    }

    /// <summary>Buckets are added up: each counts what is at most its bound.</summary>
    private static void Write(StringBuilder text, string name, MetricPoint.Distribution distribution)
    {
        var total = 0L;
        for (var i = 0; i < distribution.Counts.Count; i++)
        {
            total += distribution.Counts[i];
            Line(text, name, "_bucket", distribution.Labels, i < distribution.Bounds.Count ? Number(distribution.Bounds[i]) : "+Inf", total);
        }
        Line(text, name, "_sum", distribution.Labels, null, distribution.Sum);
        Line(text, name, "_count", distribution.Labels, null, total);
    }

    private static void Line(StringBuilder text, string name, string suffix, IReadOnlyList<MetricLabel> labels, string? bound, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Count > 0 || bound is not null)
        {
            text.Append('{');
            for (var i = 0; i < labels.Count; i++)
            {
                if (i > 0) text.Append(',');
                Label(text, labels[i].Name, labels[i].Value);
            }
            if (bound is not null)
            {
                if (labels.Count > 0) text.Append(',');
                Label(text, "le", bound);
            }
            text.Append('}');
        }
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static void Label(StringBuilder text, string name, string value)
    {
        text.Append(name).Append("=\"");
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append(@"\n"),
                _ => text.Append(letter),
            };
        }
        text.Append('"');
    }

    private static string Word(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);
}
