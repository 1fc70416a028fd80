using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What the cache did and holds, in total and per task.</summary>
internal static class CacheShow
{
    public static Command Create(GlobalOptions globals) => globals.Command(
        "show", "Prints what is remembered and how often it helped, per task and in total.", "cache show").Runs(globals, Takes.Watch | Takes.All, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "cache", ct), body => invocation.Printer.Document(body, () => Print(body, invocation.Printer))));

    private static void Print(JsonElement body, Printer printer)
    {
        (string Name, JsonElement Totals)[] rows =
        [
            .. body.Items("tasks").Select(task => (task.Text("task"), task)),
            ("total", body),
        ];
        string[] titles = ["TASK", "ENTRIES", "SIZE", "HITS", "STALE", "JOINED", "MISSES", "REFRESHES", "FAILURES", "EVICTIONS", "HIT RATIO"];
        printer.Grid(
            [.. titles.Select((_, column) => column > 0)],
            [titles, .. rows.Select(row => Cells(row.Name, row.Totals))]);
    }

    private static string[] Cells(string name, JsonElement totals) =>
    [
        name, totals.Text("entries"), totals.Bytes("bytes"), totals.Text("hits"), totals.Text("stale"), totals.Text("joined"), totals.Text("misses"),
        totals.Text("refreshes"), totals.Text("failures"),
        totals.Text("evictions"), totals.Number("hitRatio") is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "",
    ];
}
