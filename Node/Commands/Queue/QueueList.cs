using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>All queues.</summary>
internal static class QueueList
{
    public static readonly Column[] Columns =
    [
        Column.Of("NAME", "name"),
        new("WAITING", queue => Count(queue, "queued", "scheduled", "retrying", "held"), Right: true),
        Column.Of("RUNNING", "running", right: true),
        new("SUCCEEDED", queue => Count(queue, "succeeded"), Right: true),
        new("FAILED", queue => Count(queue, "failed"), Right: true),
        new("OLDEST", queue => queue.Seconds("oldestWaiting"), Right: true),
        new("STATE", queue => queue.Flag("paused") ? "paused" : ""),
        new("LIMITS", QueuePrinting.Limits),
    ];

    public static Command Create(GlobalOptions globals) => globals.Command(
        "list", "Prints the queues with what waits and runs in them.", "queue list --watch 2s").Runs(globals, Takes.Watch, async (invocation, _, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Api.Root + "queues", ct), page => invocation.Printer.List(page, Columns)));

    private static string Count(JsonElement queue, params ReadOnlySpan<string> states)
    {
        var sum = 0.0;
        foreach (var state in states) sum += queue.Member("counts")?.Number(state) ?? 0;
        return sum.ToString("0", CultureInfo.InvariantCulture);
    }
}
