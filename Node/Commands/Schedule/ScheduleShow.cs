using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One schedule and its newest ticks.</summary>
internal static class ScheduleShow
{
    private static readonly Column[] TickColumns = [Column.Of("AT", "at"), Column.Of("OUTCOME", "outcome"), Column.Of("JOB", "job"), Column.Of("REASON", "reason")];

    public static Command Create(GlobalOptions globals)
    {
        var name = SchedulePaths.Name();
        var command = globals.Command("show", "Prints all there is to know of a schedule, and its newest ticks.", "schedule show nightly");
        command.Arguments.Add(name);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.GetAsync(SchedulePaths.Path(parsed.GetRequiredValue(name)), ct), schedule =>
                invocation.Printer.Document(schedule, () => Print(schedule, invocation.Printer))));
    }

    private static void Print(JsonElement schedule, Printer printer)
    {
        printer.Facts([.. schedule.EnumerateObject()
            .Where(member => member.Name is not ("history" or "last") && member.Value.ValueKind != JsonValueKind.Null && member.Value.GetRawText() is not ("[]" or "{}"))
            .Select(member => (member.Name, member.Name is "jitter" or "timeout" or "expiresIn" ? schedule.Seconds(member.Name) : schedule.Text(member.Name)))]);
        if (schedule.Items("history") is { Count: > 0 } history) printer.Table(history, TickColumns);
    }
}
