using System.CommandLine;
using System.Globalization;
using System.Text;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Tasks;

namespace ActorPerf.Node.Commands;

/// <summary>Where a report is written to: Locust's <c>--csv</c>, <c>--html</c> and <c>--json-file</c>, and the percentile log.</summary>
internal sealed class LoadOutput
{
    private readonly Option<string?> _csv = Options.Text("--csv", "Write Locust's four files: PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv, PREFIX_exceptions.csv", "PREFIX");
    private readonly Option<string?> _html = Options.Text("--html", "Write the report as one HTML file; {u}, {r} and {t} become users, spawn rate and run time", "FILE");
    private readonly Option<string?> _json = Options.Text("--json-file", "Write the report as JSON", "FILE");
    private readonly Option<string?> _hgrm = Options.Text("--hgrm", "Write response times by percentile as HdrHistogram prints them", "FILE");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _csv, _html, _json, _hgrm }) command.Options.Add(option);
    }

    public bool IsAsked(ParseResult parsed) => new[] { _csv, _html, _json, _hgrm }.Any(option => parsed.GetValue(option) is not null);

    /// <summary>Path of the history file that Locust writes as a run goes on; null where none was asked for.</summary>
    public string? HistoryFile(ParseResult parsed, Shell shell) => parsed.GetValue(_csv) is { } prefix ? Full(shell, prefix + LocustCsv.Suffixes[1]) : null;

    /// <summary>Whether what was asked for can be written, before a run is made for it: makes the folders, and each file, empty, that is not there.</summary>
    /// <exception cref="IOException">A file cannot be written, or <see cref="UnauthorizedAccessException"/>.</exception>
    public void Try(ParseResult parsed, Shell shell, LoadPlan plan)
    {
        var files = parsed.GetValue(_csv) is { } prefix ? LocustCsv.Suffixes.Select(suffix => prefix + suffix) : [];
        foreach (var file in new[] { parsed.GetValue(_html) is { } html ? Filled(html, plan) : null, parsed.GetValue(_json), parsed.GetValue(_hgrm) }.Concat(files))
        {
            if (file is null) continue;
            var path = Full(shell, file);
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        }
    }

    /// <summary>Writes what was asked for, and says where.</summary>
    /// <param name="withHistory">False where the history was written already.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public async Task WriteAsync(ParseResult parsed, Invocation invocation, LoadReport report, bool withHistory, CancellationToken ct)
    {
        var shell = invocation.Shell;
        if (parsed.GetValue(_csv) is { } prefix)
        {
            foreach (var (suffix, text) in LocustCsv.Files(report))
                if (withHistory || suffix != LocustCsv.Suffixes[1]) await WriteAsync(Full(shell, prefix + suffix), text, ct);
            invocation.Say($"Wrote {prefix}_stats.csv, {prefix}_stats_history.csv, {prefix}_failures.csv, {prefix}_exceptions.csv");
        }

        await WriteAsync(parsed.GetValue(_html) is { } html ? Filled(html, report.Run.Plan) : null, () => HtmlReport.Write(report), invocation, ct);
        await WriteAsync(parsed.GetValue(_json), () => Encoding.UTF8.GetString(report.ToJson()), invocation, ct);
        await WriteAsync(parsed.GetValue(_hgrm), () => report.SeriesOf(report.Run.Total) is { } all ? PercentileLog.Text(all.Response) : "", invocation, ct);
    }

    private static async Task WriteAsync(string? file, Func<string> text, Invocation invocation, CancellationToken ct)
    {
        if (file is null) return;
        await WriteAsync(Full(invocation.Shell, file), text(), ct);
        invocation.Say($"Wrote {file}");
    }

    private static async Task WriteAsync(string path, string text, CancellationToken ct)
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(path, text, ct);
    }

    private static string Full(Shell shell, string file) => Path.GetFullPath(file, Path.GetFullPath(shell.Folder));

    private static string Filled(string file, LoadPlan plan)
    {
        var (users, rate) = plan.Model switch
        {
            LoadModel.Closed closed => ((double)closed.Users, closed.SpawnRate),
            LoadModel.Open open => (open.MaxUsers, open.Rate),
            _ => (0, 0),
        };
        return file.Replace("{u}", users.ToString("0", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{r}", rate.ToString("0.###", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{t}", Durations.Format(plan.RunTime), StringComparison.Ordinal);
    }
}
