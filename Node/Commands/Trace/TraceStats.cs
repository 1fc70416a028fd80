using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What a node has counted: by route, by kind of call, what it found, and what tracing costs.</summary>
internal static class TraceStats
{
    private static readonly Column[] Routes =
    [
        Column.Of("ROUTE", "route"), Column.Of("REQUESTS", "requests", right: true), Column.Of("ERRORS", "errors", right: true), Column.Of("TRACED", "traced", right: true), .. Latency("mean", "p50", "p95", "p99", "max"),
    ];

    private static readonly Column[] Kinds =
    [
        new("CALL", Call), Column.Of("CALLS", "calls", right: true), Column.Of("ERRORS", "errors", right: true), Column.Of("IN", "traces", right: true),
        new("TOTAL", kind => FineTime.Of(kind.Number("total")), Right: true), .. Latency("mean", "p95", "max"),
    ];

    private static readonly Column[] Found =
    [
        Column.Of("FINDING", "sort"), new("COULD SAVE", finding => FineTime.Of(finding.Number("saving")), Right: true), Column.Of("IN", "traces", right: true), Column.Of("ROUTE", "route"),
        Column.Of("CALL SITE", "callSite"), Column.Of("EXAMPLE", "exampleTrace"), Column.Of("WHAT", "message"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var by = Options.Word("--by", "Only one of the tables", ["route", "kind", "finding"]);
        var everywhere = TraceOptions.Everywhere();
        var command = globals.Command("stats", "Prints what a node counted since it started: by route, by kind of call, what it found, and what tracing costs.", "trace stats --by kind");
        command.Options.Add(by);
        command.Options.Add(everywhere);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var path = Api.With(Api.Root + "traces/stats", ("everywhere", TraceOptions.Spelled(parsed.GetValue(everywhere))));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), stats => invocation.Printer.Document(stats, () => Print(stats, parsed.GetValue(by), invocation.Printer)));
        });
    }

    private static void Print(JsonElement stats, string? by, Printer printer)
    {
        if (by is null or "route") printer.Table(stats.Items("routes"), Routes);
        if (by is null) printer.Line("");
        if (by is null or "kind") printer.Table(stats.Items("kinds"), Kinds);
        if (by is null && stats.Items("findings").Count > 0) printer.Line("");
        if (by == "finding" || (by is null && stats.Items("findings").Count > 0)) printer.Table(stats.Items("findings"), Found);
        if (by is null && stats.Member("cost") is { } cost) Print(stats, cost, printer);
    }

    private static void Print(JsonElement stats, JsonElement cost, Printer printer)
    {
        printer.Line("");
        if (!stats.Flag("on"))
        {
            printer.Line("Traces are not kept: actorperf.tracing.enabled is off. Routes are counted all the same.");
            return;
        }
        printer.Line(
            $"Tracing: {cost.Text("traced")} of {cost.Text("requests")} requests with their calls, {cost.Text("spans")} calls, {FineTime.Of(cost.Number("perSpan"))} each, "
            + $"{((cost.Number("shareOfProcessor") ?? 0) * 100).ToString("0.##", CultureInfo.InvariantCulture)} % of the processor time; {cost.Text("traces")} traces kept in {cost.Bytes("bytes")} of {cost.Bytes("maxBytes")}.");
    }

    private static string Call(JsonElement kind) => $"{kind.Text("kind")} {kind.Text("target")}".Trim();

    private static IEnumerable<Column> Latency(params string[] members) => members.Select(member =>
        new Column(member.ToUpperInvariant(), item => FineTime.Of(item.Member("latency")?.Number(member)), Right: true));
}
