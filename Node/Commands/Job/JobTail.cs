using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Follows a job, or all that match, as things happen.</summary>
internal static class JobTail
{
    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.OneOrNone();
        var query = Options.Text("--query", "Without an ID: only jobs that match, such as task:report", "Q", "-q");
        var command = globals.Command(
            "tail", "Prints a job's changes of state, progress and log lines as they happen, until it ends; without an ID those of all jobs, until Ctrl-C.",
            "job tail -q queue:slow");
        command.Arguments.Add(id);
        command.Options.Add(query);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            if (parsed.GetValue(id) is not null && parsed.GetValue(query) is not null) return invocation.Usage("Name an ID, or search with -q; not both.");
            var path = parsed.GetValue(id) is { } one ? Api.Job(one) + "/events" : Api.With(Api.Root + "events", ("q", parsed.GetValue(query)));
            var lines = new Lines(invocation);
            try
            {
                var answer = await new EventFollower(invocation.Client, invocation.Shell.Time).FollowAsync(path, async item =>
                {
                    lines.Print(item);
                    await invocation.Shell.Out.FlushAsync(ct);
                    return item.Kind != "done" || parsed.GetValue(id) is null;
                }, ct);
                return invocation.Show(answer, _ => { });
            }
            finally
            {
                lines.Close();
            }
        });
    }

    /// <summary>One line per event; as JSON one array, so that the whole stays one document however it ends.</summary>
    private sealed class Lines(Invocation invocation)
    {
        private bool _any;

        public void Print(NodeEvent item)
        {
            if (invocation.Printer.IsTable) invocation.Printer.Line(Visible.Of(Worded(item)));
            else if (invocation.Printer.Format == OutputFormat.Ndjson) invocation.Printer.Line(AsJson(item));
            else invocation.Printer.Line((_any ? "," : "[") + AsJson(item));
            _any = true;
        }

        public void Close()
        {
            if (invocation.Printer.Format == OutputFormat.Json) invocation.Printer.Line(_any ? "]" : "[]");
        }

        private static string Worded(NodeEvent item)
        {
            var job = item.Data.Member("job") is { ValueKind: JsonValueKind.Object } inner ? inner : item.Data;
            var id = job.Text("id") is { Length: > 0 } own ? own : item.Data.Text("job");
            return string.Join("  ", new[] { id, item.Kind, What(item, job) }.Where(part => part.Length > 0));
        }

        private static string What(NodeEvent item, JsonElement job)
        {
            var said = item.Data.Member("line") is { ValueKind: JsonValueKind.Object } line ? line : item.Data;
            var progress = item.Data.Member("progress") is { ValueKind: JsonValueKind.Object } inner ? inner : item.Data;
            return item.Kind switch
            {
                "progress" => $"{progress.Text("percent")} %  {progress.Text("message")}",
                "log" => $"{said.Text("at")}  {said.Text("level")}  {said.Text("text")}{said.Text("message")}",
                "state" or "done" => $"{job.Text("state")}  attempt {job.Text("attempt")}  {JobColumns.Note(job)}".TrimEnd(),
                _ => "",
            };
        }

        private static string AsJson(NodeEvent item) => JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("event", item.Kind);
            if (item.Id is { Length: > 0 } id) json.WriteString("id", id);
            json.WritePropertyName("data");
            if (item.Data.ValueKind == JsonValueKind.Undefined) json.WriteNullValue();
            else item.Data.WriteTo(json);
            json.WriteEndObject();
        }, indented: false);
    }
}
