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
    private readonly Option<string[]> _dependsOn = Options.Texts("--depends-on", "Start once this job has succeeded (ID:finished: once it has ended); may be repeated", "ID");
    private readonly Option<string?> _meta = Options.Text("--meta", "Notes of your own, a JSON object", "JSON");
    private readonly Option<string?> _backoffInitial = Options.Text("--backoff-initial", "The first pause between attempts; default 1s", "DURATION");
    private readonly Option<int?> _backoffFactor = Options.Number("--backoff-factor", "How much longer each pause is than the one before; default 2", 1, 100);
    private readonly Option<string?> _backoffMax = Options.Text("--backoff-max", "The longest pause between attempts; default 1h", "DURATION");

    /// <summary>Members that are text, by their name in JSON.</summary>
    private readonly (string Member, Option<string?> Option)[] _texts =
    [
        ("queue", Options.Text("--queue", "Queue; default the task's own", "QUEUE")),
        ("runAt", Options.Text("--run-at", "Not before this time, such as 2027-01-31T08:00:00Z", "TIME")),
        ("delay", Options.Text("--delay", "Not before this long from now, such as 30s", "DURATION")),
        ("expiresIn", Options.Text("--expires-in", "Give up when it has not started by then", "DURATION")),
        ("timeout", Options.Text("--timeout", "How long one attempt may run", "DURATION")),
        ("uniqueKey", Options.Text("--unique-key", "Only one job at a time holds it", "KEY")),
        ("uniquePolicy", Options.Word("--unique-policy", "What happens when another job holds the key; default return, that job is the answer", ["return", "reject", "replace"])),
        ("uniqueUntil", Options.Word("--unique-until", "How long the key is held; default finished", ["started", "finished"])),
        ("callback", Options.Text("--callback", "An http or https address that is told of the job's end", "URL")),
        ("limitKey", Options.Text("--limit-key", "Shares its limits with the jobs of this key", "KEY")),
    ];

    /// <summary>Whether the job's id is given, so that the same twice is one job.</summary>
    public bool HasId(ParseResult parsed) => parsed.GetValue(_id) is not null;

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _id, _priority, _maxAttempts, _backoffInitial, _backoffFactor, _backoffMax, _tags, _meta, _dependsOn }) command.Options.Add(option);
        foreach (var (_, option) in _texts) command.Options.Add(option);
        foreach (var name in new[] { "delay", "expiresIn", "timeout" }) CheckDuration(Array.Find(_texts, text => text.Member == name).Option);
        CheckDuration(_backoffInitial);
        CheckDuration(_backoffMax);
        _meta.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsObject(token.Value)) result.AddError("--meta: write a JSON object, such as '{\"who\": \"me\"}'.");
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
        WriteParents(json, parsed.GetValue(_dependsOn));
        if (parsed.GetValue(_meta) is { } meta)
        {
            json.WritePropertyName("meta");
            json.WriteRawValue(meta);
        }
        WriteBackoff(json, parsed);
        json.WriteEndObject();
    });

    private void WriteBackoff(Utf8JsonWriter json, ParseResult parsed)
    {
        var (initial, factor, max) = (parsed.GetValue(_backoffInitial), parsed.GetValue(_backoffFactor), parsed.GetValue(_backoffMax));
        if (initial is null && factor is null && max is null) return;
        json.WriteStartObject("backoff");
        if (initial is not null) json.WriteString("initial", initial);
        if (factor is { } times) json.WriteNumber("factor", times);
        if (max is not null) json.WriteString("max", max);
        json.WriteEndObject();
    }

    private static void WriteParents(Utf8JsonWriter json, string[]? parents)
    {
        const string finished = ":finished";
        if (parents is not { Length: > 0 }) return;
        json.WriteStartArray("dependsOn");
        foreach (var parent in parents)
        {
            if (!parent.EndsWith(finished, StringComparison.Ordinal))
            {
                json.WriteStringValue(parent);
                continue;
            }
            json.WriteStartObject();
            json.WriteString("job", parent[..^finished.Length]);
            json.WriteString("on", "finished");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void CheckDuration(Option<string?> option) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !Durations.TryParse(token.Value, out _))
            result.AddError($"{token.Value}: not a duration. Write one such as 500ms, 5s, 10m, 1h30m or 7d.");
    });

    private static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteWords(Utf8JsonWriter json, string member, string[]? words)
    {
        if (words is not { Length: > 0 }) return;
        json.WriteStartArray(member);
        foreach (var word in words) json.WriteStringValue(word);
        json.WriteEndArray();
    }
}
