using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>A page of jobs.</summary>
internal static class JobList
{
    public static Command Create(GlobalOptions globals)
    {
        var query = Options.Text("--query", "What to look for, such as: state:failed task:report finished<1h", "Q", "-q");
        var state = Options.Texts("--state", "Only in this state; may be repeated", "STATE");
        var task = Options.Text("--task", "Only of this task", "TASK");
        var queue = Options.Text("--queue", "Only in this queue", "QUEUE");
        var tag = Options.Text("--tag", "Only with this tag", "TAG");
        var sort = Options.Text("--sort", "Order, such as -createdAt", "FIELD");
        var paging = new Paging();
        var command = globals.Command("list", "Prints jobs, the newest first, a page at a time.", "job list --state failed --limit 20");
        foreach (var option in new Option[] { query, state, task, queue, tag, sort }) command.Options.Add(option);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var states = parsed.GetValue(state) is { Length: > 0 } words ? string.Join(',', words) : null;
            var path = Api.With(
                Api.Root + "jobs", ("q", parsed.GetValue(query)), ("state", states), ("task", parsed.GetValue(task)), ("queue", parsed.GetValue(queue)),
                ("tag", parsed.GetValue(tag)), ("sort", parsed.GetValue(sort)), ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, JobColumns.All, invocation));
        });
    }
}
