using System.Buffers;
using System.Globalization;
using System.Text;

namespace ActorPerf.Load.Figures;

/// <summary>The four CSV files that Locust writes, under its column names and in its units, so that what reads Locust's results reads these. Pure.</summary>
/// <remarks>Times are milliseconds. "Response time" is what Locust calls so, sent to answered, in a closed model; an open model, which Locust does not have, is reported from the
/// planned start. Lines end with CR LF and texts are quoted as in RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe in front.</remarks>
public static class LocustCsv
{
    private const string NotAvailable = "N/A";
    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n");

    /// <summary>What follows the prefix of each file, in the order in which the files are described here.</summary>
    public static IReadOnlyList<string> Suffixes { get; } = ["_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv"];

    private static readonly string[] PercentileColumns = [.. LoadRow.Percents.Select(LoadWords.Percentile)];

    /// <summary>Columns of the first file.</summary>
    public static IReadOnlyList<string> StatsColumns { get; } =
    [
        "Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time", "Min Response Time", "Max Response Time",
        "Average Content Size", "Requests/s", "Failures/s", .. PercentileColumns,
    ];

    public static IReadOnlyList<string> HistoryColumns { get; } =
    [
        "Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s", .. PercentileColumns,
        "Total Request Count", "Total Failure Count", "Total Median Response Time", "Total Average Response Time",
        "Total Min Response Time", "Total Max Response Time", "Total Average Content Size",
    ];

    public static IReadOnlyList<string> FailureColumns { get; } = ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"];

    public static IReadOnlyList<string> ExceptionColumns { get; } = ["Count", "Message", "Traceback", "Nodes"];

    /// <summary>A row for each name, then one for all of them.</summary>
    public static string Stats(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var text = Begin(StatsColumns);
        foreach (var row in run.Requests.Append(run.Total))
        {
            var times = run.Plan.Times(row);
            Line(text,
            [
                row.Method, row.Name, row.Count, row.Failures, times.Median.TotalMilliseconds, times.Mean.TotalMilliseconds, times.Min.TotalMilliseconds, times.Max.TotalMilliseconds,
                row.AverageSize, row.PerSecond, row.FailuresPerSecond, .. Percentiles(row, times),
            ]);
        }

        return text.ToString();
    }

    /// <summary>A row for each moment and name that was kept; percentiles are over the run up to then.</summary>
    public static string History(LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = Begin(HistoryColumns);
        foreach (var moment in report.Moments) AddMoment(text, report.Run.Plan, moment);
        return text.ToString();
    }

    /// <summary>The rows of one moment, for a file that is written while the run goes on.</summary>
    public static string HistoryRows(LoadPlan plan, LoadMoment moment)
    {
        var text = new StringBuilder();
        AddMoment(text, plan, moment);
        return text.ToString();
    }

    public static string HistoryHeader => Begin(HistoryColumns).ToString();

    public static string Failures(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var text = Begin(FailureColumns);
        foreach (var failure in run.Failures) Line(text, [failure.Method, failure.Name, failure.Error, failure.Count, failure.FirstAt, failure.LastAt]);
        return text.ToString();
    }

    /// <summary>What iterations threw. Where it was thrown is told by the name of the task; there is one node, <c>local</c>.</summary>
    public static string Exceptions(LoadProgress run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var text = Begin(ExceptionColumns);
        foreach (var thrown in run.Exceptions) Line(text, [thrown.Count, thrown.Error, $"in task {thrown.Name}", "local"]);
        return text.ToString();
    }

    /// <summary>All four, in the order of <see cref="Suffixes"/>.</summary>
    public static IEnumerable<(string Suffix, string Text)> Files(LoadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Suffixes.Zip([Stats(report.Run), History(report), Failures(report.Run), Exceptions(report.Run)]);
    }

    private static void AddMoment(StringBuilder text, LoadPlan plan, LoadMoment moment)
    {
        foreach (var row in moment.Rows)
        {
            var times = plan.Times(row);
            Line(text,
            [
                moment.At.ToUnixTimeSeconds(), moment.Users, row.Method, row.Name, row.CurrentPerSecond, row.CurrentFailuresPerSecond, .. Percentiles(row, times),
                row.Count, row.Failures, times.Median.TotalMilliseconds, times.Mean.TotalMilliseconds, times.Min.TotalMilliseconds, times.Max.TotalMilliseconds, row.AverageSize,
            ]);
        }
    }

    private static IEnumerable<object> Percentiles(LoadRow row, LoadTimes times) =>
        times.Percentiles.Select(time => row.Count == 0 ? (object)NotAvailable : (long)time.TotalMilliseconds);

    private static StringBuilder Begin(IReadOnlyList<string> columns) => new StringBuilder().AppendJoin(',', columns).Append("\r\n");

    private static void Line(StringBuilder text, IReadOnlyList<object> cells)
    {
        for (var i = 0; i < cells.Count; i++)
        {
            if (i > 0) text.Append(',');
            Cell(text, cells[i]);
        }

        text.Append("\r\n");
    }

    private static void Cell(StringBuilder text, object value)
    {
        if (value is string words) Quoted(text, words);
        else text.Append(value switch
        {
            double number => number.ToString("0.###", CultureInfo.InvariantCulture),
            DateTimeOffset moment => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        });
    }

    private static void Quoted(StringBuilder text, string words)
    {
        var isFormula = words.Length > 0 && words[0] is '=' or '+' or '-' or '@' or '\t' or '\r';
        if (!isFormula && !words.AsSpan().ContainsAny(Special)) text.Append(words);
        else text.Append('"').Append(isFormula ? "'" : "").Append(words.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
