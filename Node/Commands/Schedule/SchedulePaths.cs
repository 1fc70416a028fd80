using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What the commands about schedules share.</summary>
internal static class SchedulePaths
{
    public static readonly Column[] Columns =
    [
        Column.Of("NAME", "name"), Column.Of("CRON", "cron"), Column.Of("TIME ZONE", "timeZone"), Column.Of("TASK", "task"), Column.Of("NEXT", "next"),
        new("LAST", schedule => schedule.Member("last") is { } last ? $"{last.Text("at")} {last.Text("outcome")}" : ""),
        new("STATE", schedule => schedule.Text("error").Length > 0 ? "error" : schedule.Flag("paused") ? "paused" : ""), Column.Of("SOURCE", "source"),
    ];

    public static Argument<string> Name() => new("NAME") { Description = "The schedule's name" };

    public static string Path(string name) => $"{Api.Root}schedules/{Uri.EscapeDataString(name)}";

    /// <summary>A schedule that was changed, in one line for people.</summary>
    public static void Print(JsonElement schedule, Printer printer) => printer.Document(schedule, () => printer.Line(Visible.Of(
        $"{schedule.Text("name")}: {schedule.Text("words")}, {(schedule.Flag("paused") ? "paused" : $"next {schedule.Text("next")}")}")));
}
