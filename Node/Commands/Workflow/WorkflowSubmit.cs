using System.CommandLine;
using ActorPerf.Node.Client;

namespace ActorPerf.Node.Commands;

/// <summary>Submits a graph of jobs from a file.</summary>
internal static class WorkflowSubmit
{
    public static Command Create(GlobalOptions globals)
    {
        var file = new Argument<string>("FILE") { Description = "A JSON object as POST /workflows takes it: a file, or - for standard input" };
        var key = Options.Header("--idempotency-key", "Repeats with the same key within 24 h make one workflow", "KEY");
        var command = globals.Command(
            "submit", "Makes all jobs of a graph durable, or none, and prints the workflow's id. The file names jobs, what each waits for (dependsOn), and whose results it takes ({\"$result\": NAME}).",
            "workflow submit nightly.json");
        command.Arguments.Add(file);
        command.Options.Add(key);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var name = parsed.GetRequiredValue(file);
            var (json, fault) = await JsonArguments.ReadAsync(name == "-" ? name : "@" + name, invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault.Replace("The arguments", "The workflow", StringComparison.Ordinal));
            var headers = parsed.GetValue(key) is { } idempotency ? new[] { ("Idempotency-Key", idempotency) } : [];
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Post, Api.Root + "workflows") { Body = json, Headers = headers }, ct);
            return invocation.Show(answer, workflow => WorkflowIds.PrintMade(workflow, invocation));
        });
    }
}
