using System.Globalization;
using System.Text.Json;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>Prints figures as they come: lines for people, or one JSON object a figure.</summary>
internal sealed class Report(TextWriter output, bool json)
{
    private string _scenario = "";

    public void Begin(IScenario scenario)
    {
        _scenario = scenario.Name;
        if (!json) output.WriteLine($"{scenario.Name}: {scenario.Promises}");
    }

    /// <summary>What is being done, for people only.</summary>
    public void Say(string text)
    {
        if (!json) output.WriteLine($"  - {text}");
    }

    public void Add(IEnumerable<Figure> figures)
    {
        foreach (var figure in figures) Add(figure);
    }

    public void Add(Figure figure)
    {
        if (json) output.WriteLine(Json(_scenario, figure));
        else Print(figure);
        output.Flush();
    }

    internal static string Json(string scenario, Figure figure)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("scenario", scenario);
            writer.WriteString("figure", figure.Name);
            writer.WriteNumber("value", Rounded(figure.Value.Median));
            writer.WriteString("unit", figure.Unit);
            Write(writer, "limit", figure.Limit?.Median);
            Write(writer, "ratio", figure.Ratio?.Median);
            writer.WriteNumber("min", Rounded(figure.Value.Min));
            writer.WriteNumber("max", Rounded(figure.Value.Max));
            writer.WriteString("promise", Words(figure));
            if (figure.Kept is { } kept) writer.WriteBoolean("kept", kept);
            writer.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void Print(Figure figure)
    {
        output.WriteLine($"  {figure.Name,-34} {Text(figure.Value)} {figure.Unit}{Judged(figure.Promised, figure.Value.Median)}");
        if (figure is { Limit: { } limit, Ratio: { } ratio })
            output.WriteLine($"  {"",-34} limit {Text(limit)}; ratio {Text(ratio)}{Judged(figure.RatioPromised, ratio.Median)}");
    }

    private static string Judged(Promise? promise, double value) =>
        promise is null ? "" : $"  [{promise.Words}: {(promise.IsKept(value) ? "kept" : "MISSED")}]";

    private static string? Words(Figure figure) => (figure.Promised, figure.RatioPromised) switch
    {
        (null, null) => null,
        ({ } value, null) => value.Words,
        (null, { } ratio) => $"ratio {ratio.Words}",
        ({ } value, { } ratio) => $"{value.Words}; ratio {ratio.Words}",
    };

    private static string Text(Spread spread) => spread.Min == spread.Max
        ? Number(spread.Median)
        : $"{Number(spread.Median)} ({Number(spread.Min)} to {Number(spread.Max)})";

    private static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", _ => "0.00#" }, CultureInfo.InvariantCulture);

    private static double Rounded(double value) => Math.Round(value, 4);

    private static void Write(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number) writer.WriteNumber(name, Rounded(number));
        else writer.WriteNull(name);
    }
}
