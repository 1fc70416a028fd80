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
        var filter = new JobFilter();
        var command = globals.Command(
            "tail", "Prints a job's changes of state, progress and log lines as they happen, until it ends; without an ID those of all jobs, until Ctrl-C.",
            "job tail --queue slow");
        command.Arguments.Add(id);
        filter.AddTo(command);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var parameters = filter.Parameters(parsed);
            if (parsed.GetValue(id) is not null && parameters.Any(parameter => parameter.Value is not null))
                return invocation.Usage("Name an ID, or say which jobs; not both.");
            var path = parsed.GetValue(id) is { } one ? Api.Job(one) + "/events" : Api.With(Api.Root + "events", parameters);
            var lines = new EventStreamPrinter(invocation);
            try
            {
                var answer = await new EventFollower(invocation.Client, invocation.Shell.Time).FollowAsync(path, async item =>
                {
                    lines.Print(item, Worded(item));
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

    private static string Worded(NodeEvent item) =>
        string.Join("  ", new[] { item.Data.Text("id"), item.Kind, What(item) }.Where(part => part.Length > 0));

    private static string What(NodeEvent item) => item.Kind switch
    {
        "progress" => $"{item.Data.Text("percent")} %  {item.Data.Text("message")}  {Told(item.Data)}".TrimEnd(),
        "log" => $"{item.Data.Text("at")}  {item.Data.Text("level")}  {item.Data.Text("text")}",
        "state" or "done" => $"{item.Data.Text("state")}  attempt {item.Data.Text("attempt")}  {JobColumns.Note(item.Data)}".TrimEnd(),
        "reset" => "events in between are no longer kept",
        _ => "",
    };

    /// <summary>What a task says of its progress for programs, on the same line.</summary>
    private static string Told(JsonElement progress) =>
        progress.Member("data") is { } data ? JsonText.Compact(data) : "";
}
