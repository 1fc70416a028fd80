using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Stops a workflow, or runs again what did not succeed.</summary>
internal static class WorkflowChange
{
    public static Command Cancel(GlobalOptions globals)
    {
        var id = WorkflowIds.One();
        var command = globals.Command(
            "cancel", "Stops every job of a workflow that has not ended: waiting ones are cancelled at once, running ones are told. Repeats are harmless.",
            "workflow cancel 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(WorkflowIds.Path(parsed.GetRequiredValue(id)) + "/cancel", "{}"u8.ToArray(), ct),
            workflow => invocation.Printer.Document(workflow, () => invocation.Printer.Line(Visible.Of(
                $"{workflow.Text("id")} {workflow.Text("state")}, {workflow.Text("done")} of {workflow.Text("total")} jobs have ended")))));
    }

    public static Command Rerun(GlobalOptions globals)
    {
        var id = WorkflowIds.One();
        var command = globals.Command(
            "rerun", "Makes a new workflow of one whose jobs have all ended: what succeeded is kept with its results, everything else runs again. Prints the new id.",
            "workflow rerun 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(WorkflowIds.Path(parsed.GetRequiredValue(id)) + "/rerun?from=failed", "{}"u8.ToArray(), ct),
            workflow => WorkflowIds.PrintMade(workflow, invocation)));
    }
}
