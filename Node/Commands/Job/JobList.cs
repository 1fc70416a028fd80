using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>A page of jobs.</summary>
internal static class JobList
{
    public static Command Create(GlobalOptions globals)
    {
        var filter = new JobFilter();
        var sort = Options.Text("--sort", "Order, such as -createdAt", "FIELD");
        var paging = new Paging();
        var command = globals.Command("list", "Prints jobs, the newest first, a page at a time.", "job list --state failed --limit 20");
        filter.AddTo(command);
        command.Options.Add(sort);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(
                Api.Root + "jobs",
                [.. filter.Parameters(parsed), ("sort", parsed.GetValue(sort)), ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed))]);
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, JobColumns.All, invocation));
        });
    }
}
