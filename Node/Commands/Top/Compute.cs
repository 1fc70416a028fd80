using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Computes now, or answers from memory.</summary>
internal static class Compute
{
    /// <summary>What the API lets a caller wait.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(60);

    /// <summary>What the node waits by itself, and some for the way.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static Command Create(GlobalOptions globals)
    {
        var task = new Argument<string>("TASK") { Description = "Name of the task" };
        var args = new Argument<string>("ARGS") { Description = "JSON text, @FILE, or - for standard input; default {}", DefaultValueFactory = _ => "{}" };
        var noCache = Options.Flag("--no-cache", "Compute again and remember the result");
        var noStore = Options.Flag("--no-store", "Neither use nor change what is remembered");
        var onlyIfCached = Options.Flag("--only-if-cached", "Do not compute: a result that is remembered, or an error");
        var maxAge = Options.Duration("--max-age", "Accept no remembered result older than this");
        var command = globals.Command(
            "compute", "Runs a task and prints its result as JSON. A memoised task answers at once when its result is remembered.",
            """compute square '{"n": 12, "delay": "5s"}'""");
        foreach (var argument in new[] { task, args }) command.Arguments.Add(argument);
        foreach (var option in new Option[] { noCache, noStore, onlyIfCached, maxAge }) command.Options.Add(option);
        return command.Runs(globals, Takes.Watch, async (invocation, parsed, ct) =>
        {
            var (json, fault) = await JsonArguments.ReadAsync(parsed.GetValue(args) ?? "{}", invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault);
            List<string> directives =
            [
                .. parsed.GetValue(noCache) ? ["no-cache"] : Array.Empty<string>(),
                .. parsed.GetValue(noStore) ? ["no-store"] : Array.Empty<string>(),
                .. parsed.GetValue(onlyIfCached) ? ["only-if-cached"] : Array.Empty<string>(),
                .. parsed.GetValue(maxAge) is { } age ? [string.Create(CultureInfo.InvariantCulture, $"max-age={Math.Ceiling(age.TotalSeconds)}")] : Array.Empty<string>(),
            ];
            var answer = await invocation.Client.SendAsync(Request(parsed.GetRequiredValue(task), json, directives, invocation.Timeout), ct);
            return invocation.Show(answer, body => Print(body, invocation));
        });
    }

    private static ApiRequest Request(string task, ReadOnlyMemory<byte> json, List<string> directives, TimeSpan? timeout)
    {
        var patience = timeout is { } asked && asked > MostPatience ? MostPatience : timeout;
        var headers = new List<(string, string)>();
        if (directives.Count > 0) headers.Add(("Cache-Control", string.Join(", ", directives)));
        if (patience is { } wait) headers.Add(("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={Math.Max(1, Math.Ceiling(wait.TotalSeconds))}")));
        return new ApiRequest(HttpMethod.Post, $"{Api.Root}compute/{Uri.EscapeDataString(task)}")
        {
            Body = json,
            Headers = headers,
            Patience = timeout ?? DefaultPatience + Grace,
        };
    }

    private static void Print(JsonElement body, Invocation invocation) => invocation.Printer.Document(body, () =>
    {
        invocation.Printer.Line(body.TryGetProperty("result", out var result) ? JsonText.Compact(result) : "null");
        if (invocation.Shell.ErrorIsTerminal) invocation.Say(Remark(body));
    });

    private static string Remark(JsonElement body) => body.Flag("cached")
        ? $"remembered: computed {body.Seconds("age")} ago in {body.Seconds("duration")}{(body.Flag("stale") ? ", stale, being refreshed" : "")}"
        : $"computed in {body.Seconds("duration")}{(body.Text("expiresAt") is { Length: > 0 } until ? $", remembered until {until}" : "")}";
}
