using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Forgets remembered results.</summary>
internal static class CacheInvalidate
{
    public static Command Create(GlobalOptions globals)
    {
        var task = new Argument<string?>("TASK") { Description = "Forget this task's results", Arity = ArgumentArity.ZeroOrOne };
        var args = new Argument<string?>("ARGS") { Description = "Forget the result of this call alone: JSON text, @FILE or -", Arity = ArgumentArity.ZeroOrOne };
        var tags = Options.Texts("--tag", "Forget results with this tag; may be repeated", "TAG");
        var all = Options.Flag("--all", "Forget everything of the namespace");
        var everywhere = Options.Flag("--everywhere", "Forget everything of every namespace; the key must not be bound to namespaces and have the scope admin");
        var expire = Options.Flag("--expire", "Only end their freshness: they still answer where their computation fails, as their task allows");
        var yes = Options.Flag("--yes", "Do not ask", "-y");
        var command = globals.Command(
            "invalidate", "Forgets remembered results, of a task, of one call, of tags, or all of them. They are computed again when next asked for.",
            """cache invalidate square '{"n": 12}'""");
        foreach (var argument in new[] { task, args }) command.Arguments.Add(argument);
        foreach (var option in new Option[] { tags, all, everywhere, expire, yes }) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (name, words, everything) = (parsed.GetValue(task), parsed.GetValue(tags) ?? [], parsed.GetValue(all) || parsed.GetValue(everywhere));
            if (name is null && words.Length == 0 && !everything) return invocation.Usage("Say what to forget: TASK, TASK ARGS, --tag TAG, --all, or --everywhere.");
            if (everything && (name is not null || words.Length > 0 || (parsed.GetValue(all) && parsed.GetValue(everywhere))))
                return invocation.Usage("--all and --everywhere forget everything: leave out TASK, --tag and the other one, or leave them out.");
            ReadOnlyMemory<byte>? call = null;
            if (parsed.GetValue(args) is { } written)
            {
                var (json, fault) = await JsonArguments.ReadAsync(written, invocation.Shell, ct);
                if (fault is not null) return invocation.Usage(fault);
                call = json;
            }
            if (everything && invocation.Confirm($"Forget every remembered result at {invocation.Client.Node}?", parsed.GetValue(yes)) is { } stop) return stop;
            var answer = await invocation.Client.PostAsync(Api.Root + "cache/invalidate", Body(name, call, words, everything ? parsed.GetValue(everywhere) ? "everywhere" : "all" : null, parsed.GetValue(expire)), ct);
            return invocation.Show(answer, body => invocation.Printer.Document(body, () => invocation.Printer.Line($"{body.Text("invalidated")} {(parsed.GetValue(expire) ? "expired" : "forgotten")}")));
        });
    }

    private static ReadOnlyMemory<byte> Body(string? task, ReadOnlyMemory<byte>? args, string[] tags, string? everything, bool expire) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        if (task is not null) json.WriteString("task", task);
        if (args is { } call)
        {
            json.WritePropertyName("args");
            json.WriteRawValue(call.Span);
        }
        if (tags.Length > 0)
        {
            json.WriteStartArray("tags");
            foreach (var tag in tags) json.WriteStringValue(tag);
            json.WriteEndArray();
        }
        if (everything is not null) json.WriteBoolean(everything, true);
        if (expire) json.WriteBoolean("expire", true);
        json.WriteEndObject();
    });
}
