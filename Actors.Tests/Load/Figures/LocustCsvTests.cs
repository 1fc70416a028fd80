using System.Globalization;
using ActorPerf.Load;
using ActorPerf.Load.Figures;

namespace ActorPerf.Tests.Load.Figures;

public sealed class LocustCsvTests
{
    private const string Percentiles = "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%";
    private static readonly LoadReport Report = SampleRun.Report(failed: 12);

    [Fact]
    public void The_first_lines_are_those_of_Locust()
    {
        Assert.Equal(
            $"Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,{Percentiles}",
            First(LocustCsv.Stats(Report.Run)));
        Assert.Equal(
            $"Timestamp,User Count,Type,Name,Requests/s,Failures/s,{Percentiles},Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size",
            First(LocustCsv.History(Report)));
        Assert.Equal("Method,Name,Error,Occurrences,First Seen,Last Seen", First(LocustCsv.Failures(Report.Run)));
        Assert.Equal("Count,Message,Traceback,Nodes", First(LocustCsv.Exceptions(Report.Run)));
        Assert.Equal(["_stats.csv", "_stats_history.csv", "_failures.csv", "_exceptions.csv"], LocustCsv.Files(Report).Select(file => file.Suffix));
    }

    [Fact]
    public void Statistics_are_read_by_column_names_in_milliseconds()
    {
        var table = CsvTable.Read(LocustCsv.Stats(Report.Run));
        Assert.Equal(["/api/v1/jobs", "/api/v1/jobs/{id}", "Aggregated"], table.Rows.Select(row => row["Name"]));
        Assert.Equal(["POST", "GET", ""], table.Rows.Select(row => row["Type"]));
        var all = table.Rows[^1];
        Assert.Equal(("4000", "12"), (all["Request Count"], all["Failure Count"]));
        Assert.Equal(Report.Run.Total.Service.Median.TotalMilliseconds, Number(all["Median Response Time"]), 3);
        Assert.Equal(Report.Run.Total.Service.Mean.TotalMilliseconds, Number(all["Average Response Time"]), 3);
        Assert.Equal(412.5, Number(all["Average Content Size"]));
        Assert.Equal(4_000 / 110.0, Number(all["Requests/s"]), 3);
        for (var i = 0; i < LoadRow.Percents.Count; i++)
            Assert.Equal((long)Report.Run.Total.Service.Percentiles[i].TotalMilliseconds, long.Parse(all[LoadWords.Percentile(LoadRow.Percents[i])], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void An_open_model_is_reported_from_the_planned_start()
    {
        var report = SampleRun.Report(new LoadModel.Open(50));
        var all = CsvTable.Read(LocustCsv.Stats(report.Run)).Rows[^1];
        Assert.Equal(report.Run.Total.Response.Max.TotalMilliseconds, Number(all["Max Response Time"]), 3);
        Assert.True(report.Run.Total.Response.Max > report.Run.Total.Service.Max);
    }

    [Fact]
    public void The_history_has_a_row_a_second()
    {
        var table = CsvTable.Read(LocustCsv.History(Report));
        Assert.Equal(Report.Moments.Select(moment => moment.At.ToUnixTimeSeconds()), table.Rows.Select(row => long.Parse(row["Timestamp"], CultureInfo.InvariantCulture)));
        Assert.All(table.Rows, row => Assert.Equal("Aggregated", row["Name"]));
        Assert.Equal(("20", "4000", "36.5"), (table.Rows[^1]["User Count"], table.Rows[^1]["Total Request Count"], table.Rows[^1]["Requests/s"]));
        var full = Report with { Moments = [new LoadMoment(SampleRun.Start, 3, [.. Report.Run.Requests, Report.Run.Total])] };
        Assert.Equal(["/api/v1/jobs", "/api/v1/jobs/{id}", "Aggregated"], CsvTable.Read(LocustCsv.History(full)).Rows.Select(row => row["Name"]));
    }

    [Fact]
    public void What_had_no_request_has_no_percentiles()
    {
        var run = Report.Run with { Requests = [], Total = LoadRow.Nothing };
        var all = Assert.Single(CsvTable.Read(LocustCsv.Stats(run)).Rows);
        Assert.Equal(("N/A", "N/A", "0"), (all["50%"], all["100%"], all["Request Count"]));
    }

    [Fact]
    public void Failures_and_exceptions_are_read_by_column_names()
    {
        var failure = Assert.Single(CsvTable.Read(LocustCsv.Failures(Report.Run)).Rows);
        Assert.Equal(("GET", "/api/v1/jobs/{id}", "status 503, \"busy\"", "12"), (failure["Method"], failure["Name"], failure["Error"], failure["Occurrences"]));
        Assert.Equal("2026-11-21T12:00:31.000Z", failure["First Seen"]);
        var thrown = Report.Run with { Exceptions = [new LoadFailure("", "read", "=cmd(), line one\nline two", 2, SampleRun.Start, SampleRun.Start)] };
        var row = Assert.Single(CsvTable.Read(LocustCsv.Exceptions(thrown)).Rows);
        Assert.Equal(("2", "'=cmd(), line one\nline two", "in task read", "local"), (row["Count"], row["Message"], row["Traceback"], row["Nodes"]));
    }

    private static string First(string text) => text[..text.IndexOf("\r\n", StringComparison.Ordinal)];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
