using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One job, and its history where asked for.</summary>
internal static class JobShow
{
    private static readonly Column[] HistoryColumns =
    [
        Column.Of("AT", "at"), Column.Of("FROM", "from"), Column.Of("TO", "to"), Column.Of("ATTEMPT", "attempt", right: true),
        Column.Of("NODE", "node"), Column.Of("DETAIL", "detail"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.One();
        var history = Options.Flag("--history", "Print its changes of state, and what its attempts said, instead");
        var command = globals.Command("show", "Prints all there is to know of a job.", "job show 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --history");
        command.Arguments.Add(id);
        command.Options.Add(history);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var path = Api.Job(parsed.GetRequiredValue(id));
            return parsed.GetValue(history)
                ? invocation.Show(await invocation.Client.GetAsync(path + "/history", ct), body => PrintHistory(body, invocation))
                : invocation.Show(await invocation.Client.GetAsync(path, ct), job => invocation.Printer.Document(job, () => PrintJob(job, invocation.Printer)));
        });
    }

    private static void PrintJob(JsonElement job, Printer printer)
    {
        var facts = new List<(string, string)>();
        foreach (var member in job.EnumerateObject())
            if (member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) && member.Value.GetRawText() is not ("[]" or "{}"))
                facts.Add((member.Name, member.Name is "waited" or "ran" ? job.Seconds(member.Name)
                    : member.Name is "result" ? JsonText.Compact(member.Value) : job.Text(member.Name)));
        printer.Facts(facts);
    }

    private static void PrintHistory(JsonElement body, Invocation invocation)
    {
        if (!invocation.Printer.IsTable)
        {
            invocation.Printer.List(body, []);
            return;
        }
        invocation.Printer.Table(body.Items("items"), HistoryColumns);
        foreach (var attempt in body.Items("attempts"))
        {
            if (attempt.Member("error") is { } error)
                invocation.Printer.Line(Visible.Of($"attempt {attempt.Text("attempt")} failed: {error.Text("type")}: {error.Text("message")}"));
            foreach (var line in attempt.Items("lines"))
                invocation.Printer.Line(Visible.Of($"attempt {attempt.Text("attempt")}  {line.Text("at")}  {line.Text("level")}  {line.Text("text")}"));
        }
    }
}
