using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;
using System.Text.Json;

namespace ActorPerf.Node.Commands;

/// <summary>What the commands about one workflow share.</summary>
internal static class WorkflowIds
{
    public static Argument<string> One()
    {
        var id = new Argument<string>("ID") { Description = "Id of the workflow" };
        id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Guid.TryParseExact(token.Value, "D", out _)) result.AddError($"{token.Value}: not an id. Ids are UUIDs, as workflow list prints them.");
        });
        return id;
    }

    public static string Path(string id) => $"{Api.Root}workflows/{Uri.EscapeDataString(id)}";

    /// <summary>A workflow that was just made: its id.</summary>
    public static void PrintMade(JsonElement workflow, Invocation invocation) => invocation.Printer.Document(workflow, () =>
    {
        invocation.Printer.Line(Visible.Of(workflow.Text("id")));
        if (invocation.Shell.ErrorIsTerminal)
            invocation.Say($"{workflow.Text("total")} jobs; look at them: {invocation.Shell.StartedAs} workflow show {workflow.Text("id")} --watch");
    });
}
