using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Does something to every job that matches.</summary>
internal static class OperationRun
{
    public static Command Create(GlobalOptions globals)
    {
        var action = new Argument<string>("ACTION") { Description = "cancel, rerun, delete or run-now" };
        action.AcceptOnlyFromAmong("cancel", "rerun", "delete", "run-now");
        var query = new Option<string>("--query", "-q") { Description = "Which jobs, such as: state:failed task:report finished<1d", HelpName = "Q", Required = true };
        var dryRun = Options.Flag("--dry-run", "Only count them");
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "run", "Cancels, reruns, deletes or starts now every job that matches, as an operation in the background, and prints its id.",
            """operation run rerun -q "state:failed task:report finished<1d" --dry-run""");
        command.Arguments.Add(action);
        foreach (var option in new Option[] { query, dryRun, yes }) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (what, q) = (parsed.GetRequiredValue(action), parsed.GetRequiredValue(query));
            var only = parsed.GetValue(dryRun);
            if (!only && invocation.Confirm($"{what} every job that matches {q}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.PostAsync(Api.Root + "operations", Body(what, q, only), ct);
            return invocation.Show(answer, done => invocation.Printer.Document(done, () => invocation.Printer.Line(Visible.Of(only ? Matched(done) : done.Text("id")))));
        });
    }

    private static string Matched(JsonElement count) => $"{(count.Flag("atLeast") ? "more than " : "")}{count.Text("matched")} match {count.Text("q")}";

    private static ReadOnlyMemory<byte> Body(string action, string q, bool dryRun) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        json.WriteString("action", action);
        json.WriteString("q", q);
        if (dryRun) json.WriteBoolean("dryRun", true);
        json.WriteEndObject();
    });
}
