using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Output;
using ActorPerf.Tasks;

namespace ActorPerf.Node.Commands;

/// <summary>A submission's members as options; names and spellings are the API's.</summary>
internal sealed class SubmitOptions
{
    private readonly Option<string?> _id = Options.Text("--id", "The job's own id, a UUID; repeats with the same id make one job", "UUID");
    private readonly Option<int?> _priority = Options.Number("--priority", "Higher goes first, a step is worth a minute of waiting; default 5", 0, 9);
    private readonly Option<int?> _maxAttempts = Options.Number("--max-attempts", "Tries before the job fails; default 5", 1, 1000);
    private readonly Option<string[]> _tags = Options.Texts("--tag", "A word to find it by; may be repeated", "TAG");
    private readonly Option<string[]> _dependsOn = Options.Texts("--depends-on", "Start once this job has succeeded; may be repeated", "ID");

    /// <summary>Members that are text, by their name in JSON.</summary>
    private readonly (string Member, Option<string?> Option)[] _texts =
    [
        ("queue", Options.Text("--queue", "Queue; default the task's own", "QUEUE")),
        ("runAt", Options.Text("--run-at", "Not before this time, such as 2027-01-31T08:00:00Z", "TIME")),
        ("delay", Options.Text("--delay", "Not before this long from now, such as 30s", "DURATION")),
        ("expiresIn", Options.Text("--expires-in", "Give up when it has not started by then", "DURATION")),
        ("timeout", Options.Text("--timeout", "How long one attempt may run", "DURATION")),
        ("uniqueKey", Options.Text("--unique-key", "One unfinished job per key", "KEY")),
        ("uniquePolicy", Options.Word("--unique-policy", "What another submission with the key does", ["return", "reject", "replace"])),
        ("uniqueUntil", Options.Word("--unique-until", "How long a key is taken", ["started", "finished"])),
        ("limitKey", Options.Text("--limit-key", "Shares its limits with the jobs of this key", "KEY")),
    ];

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _id, _priority, _maxAttempts, _tags, _dependsOn }) command.Options.Add(option);
        foreach (var (_, option) in _texts) command.Options.Add(option);
        foreach (var name in new[] { "delay", "expiresIn", "timeout" })
            Array.Find(_texts, text => text.Member == name).Option.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && !Durations.TryParse(token.Value, out _))
                    result.AddError($"{token.Value}: not a duration. Write one such as 500ms, 5s, 10m, 1h30m or 7d.");
            });
        _id.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Guid.TryParseExact(token.Value, "D", out _)) result.AddError($"--id {token.Value}: not a UUID.");
        });
    }

    /// <param name="args">UTF-8 JSON; sent byte for byte, so that no number loses a digit.</param>
    public ReadOnlyMemory<byte> Body(string task, ReadOnlyMemory<byte> args, ParseResult parsed) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        if (parsed.GetValue(_id) is { } id) json.WriteString("id", id);
        json.WriteString("task", task);
        json.WritePropertyName("args");
        json.WriteRawValue(args.Span);
        if (parsed.GetValue(_priority) is { } priority) json.WriteNumber("priority", priority);
        if (parsed.GetValue(_maxAttempts) is { } most) json.WriteNumber("maxAttempts", most);
        foreach (var (member, option) in _texts)
            if (parsed.GetValue(option) is { } value) json.WriteString(member, value);
        WriteWords(json, "tags", parsed.GetValue(_tags));
        WriteWords(json, "dependsOn", parsed.GetValue(_dependsOn));
        json.WriteEndObject();
    });

    private static void WriteWords(Utf8JsonWriter json, string member, string[]? words)
    {
        if (words is not { Length: > 0 }) return;
        json.WriteStartArray(member);
        foreach (var word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
