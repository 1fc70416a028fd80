using System.Globalization;

namespace ActorPerf.Load.Figures.Html;

/// <summary>The tables of a report.</summary>
internal static class ReportTables
{
    public static void Thresholds(Markup page, LoadProgress run)
    {
        if (run.Thresholds.Count == 0) return;
        Begin(page, "Thresholds", ("Threshold", true), ("Measured", false), ("", true));
        foreach (var (threshold, value, holds) in run.Thresholds)
            page.Add($"""<tr><td class="t"><code>{threshold.ToString()}</code></td><td>{(value is { } measured ? LoadWords.Number(measured) : "nothing")}</td><td class="t {(holds ? "ok" : "no")}">{(holds ? "holds" : "does not hold")}</td></tr>""");
        End(page);
    }

    /// <summary>Locust's columns.</summary>
    public static void Requests(Markup page, LoadProgress run)
    {
        Begin(page, "Requests", ("Type", true), ("Name", true), ("Requests", false), ("Failures", false), ("Median", false), ("Average", false), ("Min", false), ("Max", false),
            ("Average size", false), ("Requests/s", false), ("Failures/s", false));
        foreach (var row in run.Requests) Request(page, row, run.Plan.Times(row), "");
        Request(page, run.Total, run.Plan.Times(run.Total), "all");
        End(page);
    }

    /// <summary>Both clocks, first the one that the other tables use. Of an open model the difference is what waiting for a slow server costs; of a closed one it is how late the generator was.</summary>
    public static void Percentiles(Markup page, LoadProgress run)
    {
        var both = run.Plan.Model is LoadModel.Open;
        Begin(page, "Response times by percentile", [("Type", true), ("Name", true), ("Counted from", true), .. LoadRow.Percents.Select(static percent => (LoadWords.Percentile(percent), false))]);
        foreach (var row in run.Requests.Append(run.Total))
        {
            var all = ReferenceEquals(row, run.Total) ? "all" : "";
            Times(page, row, run.Plan.Times(row), both ? "planned start" : "sending", all);
            Times(page, row, both ? row.Service : row.Response, both ? "sending" : "planned start", all);
        }

        End(page);
    }

    public static void Jobs(Markup page, LoadProgress run)
    {
        if (run.Jobs.Count == 0) return;
        Begin(page, "Jobs, from acceptance to their end", [("Task", true), ("Jobs", false), ("Failed", false), ("Jobs/s", false), ("Average", false), .. LoadRow.Percents.Select(static percent => (LoadWords.Percentile(percent), false))]);
        foreach (var row in run.Jobs)
        {
            page.Add($"""<tr class="{(row.Name == LoadRow.Nothing.Name ? "all" : "")}"><td class="t">{row.Name}</td><td>{LoadWords.Number(row.Count)}</td><td>{LoadWords.Number(row.Failures)}</td><td>{LoadWords.Number(row.PerSecond)}</td><td>{LoadWords.Milliseconds(row.Service.Mean)}</td>""");
            foreach (var time in row.Service.Percentiles) page.Add($"<td>{LoadWords.Milliseconds(time)}</td>");
            page.Raw("</tr>");
        }

        End(page);
    }

    public static void Failures(Markup page, string title, IReadOnlyList<LoadFailure> failures, bool exceptions)
    {
        if (failures.Count == 0) return;
        Begin(page, title, (exceptions ? "Task" : "Request", true), ("What was wrong", true), ("Times", false), ("First", false), ("Last", false));
        foreach (var failure in failures)
            page.Add($"""<tr><td class="t">{failure.Method} {failure.Name}</td><td class="t wide">{failure.Error}</td><td>{LoadWords.Number(failure.Count)}</td><td>{Clock(failure.FirstAt)}</td><td>{Clock(failure.LastAt)}</td></tr>""");
        End(page);
    }

    public static void Shares(Markup page, LoadProgress run)
    {
        if (run.Shares.Count == 0) return;
        Begin(page, "Task ratios", ("User", true), ("Task", true), ("Planned", false), ("Actual", false), ("Iterations", false));
        foreach (var share in run.Shares)
            page.Add($"""<tr><td class="t">{share.User}</td><td class="t">{share.Task}</td><td>{LoadWords.Percent(share.Planned)}</td><td>{LoadWords.Percent(share.Actual)}</td><td>{LoadWords.Number(share.Iterations)}</td></tr>""");
        End(page);
    }

    private static void Request(Markup page, LoadRow row, LoadTimes times, string css) => page.Add(
        $"""<tr class="{css}"><td class="t">{row.Method}</td><td class="t">{row.Name}</td><td>{LoadWords.Number(row.Count)}</td><td class="{(row.Failures > 0 ? "no" : "")}">{LoadWords.Number(row.Failures)}</td><td>{LoadWords.Milliseconds(times.Median)}</td><td>{LoadWords.Milliseconds(times.Mean)}</td><td>{LoadWords.Milliseconds(times.Min)}</td><td>{LoadWords.Milliseconds(times.Max)}</td><td>{LoadWords.Bytes(row.AverageSize)}</td><td>{LoadWords.Number(row.PerSecond)}</td><td>{LoadWords.Number(row.FailuresPerSecond)}</td></tr>""");

    private static void Times(Markup page, LoadRow row, LoadTimes times, string clock, string css)
    {
        page.Add($"""<tr class="{css}"><td class="t">{row.Method}</td><td class="t">{row.Name}</td><td class="t">{clock}</td>""");
        foreach (var time in times.Percentiles) page.Add($"<td>{(row.Count == 0 ? "–" : LoadWords.Milliseconds(time))}</td>");
        page.Raw("</tr>");
    }

    private static void Begin(Markup page, string title, params ReadOnlySpan<(string Title, bool IsText)> columns)
    {
        page.Add($"""<h2>{title}</h2><div class="scroll"><table><thead><tr>""");
        foreach (var (name, isText) in columns) page.Add($"""<th class="{(isText ? "t" : "")}" scope="col">{name}</th>""");
        page.Raw("</tr></thead><tbody>");
    }

    private static void End(Markup page) => page.Raw("</tbody></table></div>");

    private static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
