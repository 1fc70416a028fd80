using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Adds a schedule or replaces it.</summary>
internal static class SchedulePut
{
    public static Command Create(GlobalOptions globals)
    {
        var name = SchedulePaths.Name();
        var cron = new Argument<string>("CRON") { Description = "When: minute hour day month weekday, or six fields with seconds first, or @daily and the like" };
        var task = new Argument<string>("TASK") { Description = "The task its jobs run" };
        var args = new Argument<string>("ARGS") { Description = "Their arguments: JSON text, @FILE, or - for standard input", DefaultValueFactory = _ => "{}" };
        (string Member, Option<string?> Option)[] texts =
        [
            ("timeZone", Options.Text("--time-zone", "Whose clocks, such as Europe/Berlin; default UTC", "ZONE")),
            ("overlap", Options.Word("--overlap", "While the job of the tick before is not final; default skip", ["skip", "queue", "cancel"])),
            ("misfire", Options.Word("--misfire", "What becomes of missed ticks; default one", ["one", "skip", "all"])),
            ("jitter", Options.Text("--jitter", "Start each job up to so much later", "DURATION")),
            ("queue", Options.Text("--queue", "Queue; default the task's own", "QUEUE")),
            ("timeout", Options.Text("--timeout", "How long one attempt may run", "DURATION")),
            ("expiresIn", Options.Text("--expires-in", "Give a job up when it has not started by then", "DURATION")),
        ];
        (string Member, Option<int?> Option)[] numbers =
        [
            ("misfireLimit", Options.Number("--misfire-limit", "With --misfire all: at most so many", 1, 1000)),
            ("priority", Options.Number("--priority", "Higher goes first; default 5", 0, 9)),
            ("maxAttempts", Options.Number("--max-attempts", "Tries before a job fails", 1, 1000)),
        ];
        var tags = Options.Texts("--tag", "A word to find the jobs by; may be repeated", "TAG");
        var meta = Options.Text("--meta", "What you like to keep with its jobs, as a JSON object", "JSON");
        var paused = Options.Flag("--paused", "Let ticks pass until it is resumed");
        var command = globals.Command("put", "Adds a schedule or replaces it; wins over one of the configuration.", """schedule put nightly '0 2 * * *' primes '{"limit": 100000}' --time-zone Europe/Berlin""");
        foreach (var argument in new Argument[] { name, cron, task, args }) command.Arguments.Add(argument);
        foreach (var option in texts.Select(text => (Option)text.Option).Concat(numbers.Select(number => number.Option)).Append(tags).Append(meta).Append(paused)) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (json, fault) = await JsonArguments.ReadAsync(parsed.GetRequiredValue(args), invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault);
            var (kept, unreadable) = parsed.GetValue(meta) is { } text ? await JsonArguments.ReadAsync(text, invocation.Shell, ct) : (default, null);
            if (unreadable is not null) return invocation.Usage($"--meta: {unreadable}");
            var body = JsonText.Body(into =>
            {
                into.WriteStartObject();
                into.WriteString("cron", parsed.GetRequiredValue(cron));
                into.WriteString("task", parsed.GetRequiredValue(task));
                into.WritePropertyName("args");
                into.WriteRawValue(json.Span);
                if (!kept.IsEmpty)
                {
                    into.WritePropertyName("meta");
                    into.WriteRawValue(kept.Span);
                }
                foreach (var (member, option) in texts)
                    if (parsed.GetValue(option) is { } given) into.WriteString(member, given);
                foreach (var (member, option) in numbers)
                    if (parsed.GetValue(option) is { } number) into.WriteNumber(member, number);
                into.WriteStartArray("tags");
                foreach (var tag in parsed.GetValue(tags) ?? []) into.WriteStringValue(tag);
                into.WriteEndArray();
                into.WriteBoolean("paused", parsed.GetValue(paused));
                into.WriteEndObject();
            });
            var request = new ApiRequest(HttpMethod.Put, SchedulePaths.Path(parsed.GetRequiredValue(name))) { Body = body };
            return invocation.Show(await invocation.Client.SendAsync(request, ct), schedule => SchedulePaths.Print(schedule, invocation.Printer));
        });
    }
}
