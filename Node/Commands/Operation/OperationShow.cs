using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Operations: one, all, and asking one to stop.</summary>
internal static class OperationShow
{
    private static readonly Column[] Columns =
    [
        Column.Of("ID", "id"), Column.Of("ACTION", "action"), Column.Of("Q", "q"), Column.Of("STATE", "state"), Column.Of("MATCHED", "matched", right: true),
        Column.Of("DONE", "done", right: true), Column.Of("SKIPPED", "skipped", right: true), Column.Of("FAILED", "failed", right: true), Column.Of("STARTED", "startedAt"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var id = Id();
        var command = globals.Command("show", "Prints how far an operation is.", "operation show 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --watch 2s");
        command.Arguments.Add(id);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
            invocation.Show(await invocation.Client.GetAsync(Path(parsed.GetRequiredValue(id)), ct), operation => Print(operation, invocation)));
    }

    public static Command CreateList(GlobalOptions globals)
    {
        var paging = new Paging();
        var command = globals.Command("list", "Prints the operations, the newest first.", "operation list");
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.With(Api.Root + "operations", ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, Columns, invocation));
        });
    }

    public static Command CreateCancel(GlobalOptions globals)
    {
        var id = Id();
        var command = globals.Command("cancel", "Asks an operation to stop; what it did stays done.", "operation cancel 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11");
        command.Arguments.Add(id);
        return command.Runs(globals, async (invocation, parsed, ct) => invocation.Show(
            await invocation.Client.PostAsync(Path(parsed.GetRequiredValue(id)) + "/cancel", "{}"u8.ToArray(), ct), operation => Print(operation, invocation)));
    }

    private static Argument<string> Id() => new("ID") { Description = "The operation's id" };

    private static string Path(string id) => $"{Api.Root}operations/{Uri.EscapeDataString(id)}";

    private static void Print(JsonElement operation, Invocation invocation) => invocation.Printer.Document(operation, () => invocation.Printer.Line(Visible.Of(
        $"{operation.Text("action")} {operation.Text("q")}: {operation.Text("state")}, {operation.Text("done")} of {operation.Text("matched")} done, {operation.Text("skipped")} skipped, {operation.Text("failed")} failed")));
}
