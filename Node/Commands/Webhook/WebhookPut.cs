using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Adds a webhook or replaces it.</summary>
internal static class WebhookPut
{
    public static Command Create(GlobalOptions globals)
    {
        var name = WebhookPaths.Name();
        var url = new Argument<string?>("URL") { Description = "Where events go; left out for 'callback' alone", Arity = ArgumentArity.ZeroOrOne };
        var query = Options.Text("--q", "Which jobs, such as 'task:report -tag:test'; default all", "Q");
        var events = Options.Texts("--event", "A state that is told: retrying, cancelling, succeeded, failed, cancelled, expired; default the last four; may be repeated", "STATE");
        var secret = Options.Text("--secret-file", "A file with the receiver's own secret, whsec_ and base64; default: one is made and printed once", "FILE");
        var paused = Options.Flag("--paused", "Let deliveries wait until it is put again");
        var command = globals.Command("put", "Adds a webhook or replaces it, and prints the secret that was made for it.", "webhook put ops https://example.com/hooks/jobs --q task:report --event failed");
        command.Arguments.Add(name);
        command.Arguments.Add(url);
        foreach (var option in new Option[] { query, events, secret, paused }) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            string? own = null;
            if (parsed.GetValue(secret) is { } file)
            {
                try
                {
                    own = (await File.ReadAllTextAsync(file, ct)).Trim();
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    return invocation.Usage($"--secret-file {file}: {fault.Message}");
                }
            }
            var body = JsonText.Body(json =>
            {
                json.WriteStartObject();
                if (parsed.GetValue(url) is { } address) json.WriteString("url", address);
                if (parsed.GetValue(query) is { } which) json.WriteString("q", which);
                if (own is not null) json.WriteString("secret", own);
                if (parsed.GetValue(events) is { Length: > 0 } states)
                {
                    json.WriteStartArray("events");
                    foreach (var state in states) json.WriteStringValue(state);
                    json.WriteEndArray();
                }
                json.WriteBoolean("paused", parsed.GetValue(paused));
                json.WriteEndObject();
            });
            var request = new ApiRequest(HttpMethod.Put, WebhookPaths.Path(parsed.GetRequiredValue(name))) { Body = body };
            return invocation.Show(await invocation.Client.SendAsync(request, ct), webhook => WebhookPaths.Print(webhook, invocation));
        });
    }
}
