using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Changes a job while it waits.</summary>
internal static class JobEdit
{
    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.One();
        var priority = Options.Number("--priority", "Higher goes first, a step is worth a minute of waiting", 0, 9);
        var queue = Options.Text("--queue", "Where it waits from now on", "QUEUE");
        var runAt = Options.Text("--run-at", "Not before this time, such as 2027-01-31T08:00:00Z", "TIME");
        var tags = Options.Texts("--tag", "A word to find it by, in place of all it has; may be repeated", "TAG");
        var noTags = Options.Flag("--no-tags", "Take all its tags away");
        var command = globals.Command(
            "edit", "Changes a job while it waits; what is not named stays.", "job edit 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --priority 9 --queue slow");
        command.Arguments.Add(id);
        foreach (var option in new Option[] { priority, queue, runAt, tags, noTags }) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (words, none) = (parsed.GetValue(tags) ?? [], parsed.GetValue(noTags));
            if (none && words.Length > 0) return invocation.Usage("Say --tag or --no-tags, not both.");
            if (!none && words.Length == 0 && parsed.GetValue(priority) is null && parsed.GetValue(queue) is null && parsed.GetValue(runAt) is null)
                return invocation.Usage("Say what to change: --priority, --queue, --run-at, --tag or --no-tags.");
            var body = JsonText.Body(json =>
            {
                json.WriteStartObject();
                if (parsed.GetValue(priority) is { } number) json.WriteNumber("priority", number);
                if (parsed.GetValue(queue) is { } line) json.WriteString("queue", line);
                if (parsed.GetValue(runAt) is { } time) json.WriteString("runAt", time);
                if (none || words.Length > 0)
                {
                    json.WriteStartArray("tags");
                    foreach (var word in words) json.WriteStringValue(word);
                    json.WriteEndArray();
                }
                json.WriteEndObject();
            });
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Patch, Api.Job(parsed.GetRequiredValue(id))) { Body = body }, ct);
            return invocation.Show(answer, job => JobPrinting.PrintState(job, invocation));
        });
    }
}
