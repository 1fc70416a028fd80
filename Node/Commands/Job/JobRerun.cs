using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Runs a job again that is over.</summary>
internal static class JobRerun
{
    public static Command Create(GlobalOptions globals)
    {
        var id = JobIds.One();
        var args = Options.Text("--args", "Other arguments than it had: JSON text, @FILE, or - for standard input", "ARGS");
        var key = Options.Header("--idempotency-key", "Repeats with the same key within 24 h make one job", "KEY");
        var command = globals.Command(
            "rerun", "Runs a job again that is over, as a new job, and prints the new id.", """job rerun 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11 --args '{"n": 13}'""");
        command.Arguments.Add(id);
        command.Options.Add(args);
        command.Options.Add(key);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            ReadOnlyMemory<byte> body = "{}"u8.ToArray();
            if (parsed.GetValue(args) is { } written)
            {
                var (json, fault) = await JsonArguments.ReadAsync(written, invocation.Shell, ct);
                if (fault is not null) return invocation.Usage(fault);
                body = Body(json);
            }
            var answer = await invocation.Client.SendAsync(new ApiRequest(HttpMethod.Post, Api.Job(parsed.GetRequiredValue(id)) + "/rerun")
            {
                Body = body,
                Headers = parsed.GetValue(key) is { } idempotency ? [("Idempotency-Key", idempotency)] : [],
            }, ct);
            return invocation.Show(answer, job => invocation.Printer.Document(job, () => invocation.Printer.Line(Visible.Of(job.Text("id")))));
        });
    }

    private static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> args) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("args");
        json.WriteRawValue(args.Span);
        json.WriteEndObject();
    });
}
