using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>All schedules.</summary>
internal static class ScheduleList
{
    public static Command Create(GlobalOptions globals)
    {
        var paging = new Paging();
        var command = globals.Command("list", "Prints the schedules with their next tick and what became of the last one.", "schedule list");
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(Api.Root + "schedules", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, SchedulePaths.Columns, invocation));
        });
    }
}
