using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One workflow with its jobs, a parent above those that wait for it.</summary>
internal static class WorkflowShow
{
    private static readonly string[] Heads = ["JOB", "STATE", "TASK", "AFTER", "ID"];

    public static Command Create(GlobalOptions globals)
    {
        var id = WorkflowIds.One();
        var command = globals.Command("show", "Prints a workflow and its jobs, with what each waits for.", "workflow show 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
            invocation.Show(
                await invocation.Client.GetAsync(WorkflowIds.Path(parsed.GetRequiredValue(id)), ct),
                workflow => invocation.Printer.Document(workflow, () => Print(workflow, invocation.Printer))));
    }

    /// <summary>For people: the facts, then a job a line, as far to the right as it has jobs before it.</summary>
    private static void Print(JsonElement workflow, Printer printer)
    {
        printer.Facts(
            ("id", workflow.Text("id")), ("name", workflow.Text("name")), ("state", workflow.Text("state")), ("done", $"{workflow.Text("done")} of {workflow.Text("total")}"),
            ("onFailure", workflow.Text("onFailure")), ("createdAt", workflow.Text("createdAt")));
        if (workflow.Member("jobs") is not { ValueKind: JsonValueKind.Object } jobs) return;
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        var rows = new List<IReadOnlyList<string>> { Heads };
        foreach (var job in jobs.EnumerateObject())
        {
            var parents = job.Value.Items("dependsOn");
            var depth = parents.Count == 0 ? 0 : parents.Max(parent => depths.GetValueOrDefault(parent.Text("job"), -1)) + 1;
            depths[job.Name] = depth;
            var after = string.Join(", ", parents.Select(parent => parent.Text("on") == "finished" ? $"{parent.Text("job")} (however it ends)" : parent.Text("job")));
            rows.Add([new string(' ', Math.Min(depth, 20) * 2) + job.Name, job.Value.Flag("kept") ? "kept" : job.Value.Text("state"), job.Value.Text("task"), after, job.Value.Text("id")]);
        }
        printer.Grid([false, false, false, false, false], rows);
    }
}
