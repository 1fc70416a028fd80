using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>When an expression would fire.</summary>
internal static class SchedulePreview
{
    private static readonly Column[] Columns = [Column.Of("AT", "at"), Column.Of("LOCAL", "local")];

    public static Command Create(GlobalOptions globals)
    {
        var cron = new Argument<string>("CRON") { Description = "Minute hour day month weekday, or six fields with seconds first" };
        var zone = Options.Text("--time-zone", "Whose clocks, such as Europe/Berlin; default UTC", "ZONE");
        var count = Options.Number("--count", "How many; default 5", 1, 100);
        var command = globals.Command("preview", "Prints when a cron expression will fire, and what it says in words.", "schedule preview '30 2 * * MON' --time-zone Europe/Berlin");
        command.Arguments.Add(cron);
        command.Options.Add(zone);
        command.Options.Add(count);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var body = JsonText.Body(json =>
            {
                json.WriteStartObject();
                json.WriteString("cron", parsed.GetRequiredValue(cron));
                if (parsed.GetValue(zone) is { } named) json.WriteString("timeZone", named);
                if (parsed.GetValue(count) is { } number) json.WriteNumber("count", number);
                json.WriteEndObject();
            });
            return invocation.Show(await invocation.Client.PostAsync(Api.Root + "schedules/preview", body, ct), answer =>
            {
                if (invocation.Printer.IsTable) invocation.Say(answer.Text("words"));
                invocation.Printer.List(answer, Columns);
            });
        });
    }
}
