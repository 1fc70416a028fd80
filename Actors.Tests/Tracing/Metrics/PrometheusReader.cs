using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Tracing.Metrics;

/// <summary>Reads Prometheus' text format as strictly as its rules are, and refuses what breaks one.</summary>
internal sealed partial class PrometheusReader
{
    public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    public sealed record Family(string Name, string Type, string Help)
    {
        public List<Sample> Samples { get; } = [];

        public double this[params (string Name, string Value)[] labels] =>
            Assert.Single(Samples, sample => sample.Name == Name && labels.All(label => sample.Labels.TryGetValue(label.Name, out var value) && value == label.Value)).Value;
    }

    public static IReadOnlyDictionary<string, Family> Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var families = new Dictionary<string, Family>(StringComparer.Ordinal);
        Family? current = null;
        string? help = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            Assert.NotEmpty(line);
            if (line.StartsWith("# HELP ", StringComparison.Ordinal)) help = line;
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal)) current = Begin(line, help, families);
            else Add(line, Assert.IsType<Family>(current));
        }
        Assert.All(families.Values, Check);
        return families;
    }

    private static Family Begin(string line, string? help, Dictionary<string, Family> families)
    {
        var words = line.Split(' ');
        Assert.Equal(4, words.Length);
        Assert.Matches("^(counter|gauge|histogram)$", words[3]);
        Assert.Matches("^[a-z][a-z0-9_]*$", words[2]);
        Assert.StartsWith($"# HELP {words[2]} ", help, StringComparison.Ordinal);
        var family = new Family(words[2], words[3], help![$"# HELP {words[2]} ".Length..]);
        families.Add(family.Name, family);           // a family twice is a fault
        return family;
    }

    private static void Add(string line, Family family)
    {
        var match = SampleLine().Match(line);
        Assert.True(match.Success, $"No sample: {line}");
        var name = match.Groups["name"].Value;
        string[] names = family.Type == "histogram" ? [$"{family.Name}_bucket", $"{family.Name}_sum", $"{family.Name}_count"] : [family.Name];
        Assert.Contains(name, names);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(match.Groups["labels"].Value))
            labels.Add(label.Groups[1].Value, Unescaped().Replace(label.Groups[2].Value, static escape => escape.Value switch { @"\n" => "\n", @"\\" => "\\", _ => "\"" }));
        family.Samples.Add(new Sample(name, labels, Number(match.Groups["value"].Value)));
    }

    private static void Check(Family family)
    {
        Assert.NotEmpty(family.Samples);
        Assert.Equal(family.Type == "counter", family.Name.EndsWith("_total", StringComparison.Ordinal));
        Assert.Equal(family.Samples.Count, family.Samples.Select(static sample => (sample.Name, Key(sample))).Distinct().Count());
        if (family.Type != "gauge") Assert.All(family.Samples, static sample => Assert.True(sample.Value >= 0));
        if (family.Type == "histogram") Assert.All(family.Samples.GroupBy(sample => Key(sample, "le")), group => Check(family.Name, [.. group]));
    }

    /// <summary>Buckets rise to the count, in rising order of their bounds, and the last has none.</summary>
    private static void Check(string name, IReadOnlyList<Sample> samples)
    {
        var buckets = samples.Where(sample => sample.Name == $"{name}_bucket").Select(static sample => (Bound: Number(sample.Labels["le"]), sample.Value)).ToList();
        Assert.Equal(buckets.Select(static bucket => bucket.Bound).Order(), buckets.Select(static bucket => bucket.Bound));
        Assert.Equal(buckets.Select(static bucket => bucket.Value).Order(), buckets.Select(static bucket => bucket.Value));
        Assert.Equal(double.PositiveInfinity, buckets[^1].Bound);
        Assert.Equal(Assert.Single(samples, sample => sample.Name == $"{name}_count").Value, buckets[^1].Value);
        Assert.Single(samples, sample => sample.Name == $"{name}_sum");
    }

    private static string Key(Sample sample, string? without = null) =>
        string.Join('\u001f', sample.Labels.Where(label => label.Key != without).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => $"{label.Key}={label.Value}"));

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex("""^(?<name>[a-z][a-z0-9_]*)(?:\{(?<labels>[a-z_]+="(?:[^"\\]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\]|\\[\\"n])*")*)\})? (?<value>\S+)$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex("""([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)""")]
    private static partial Regex Label();

    [GeneratedRegex("""\\[\\"n]""")]
    private static partial Regex Unescaped();
}
