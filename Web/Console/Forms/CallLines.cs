using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorPerf.Web.Wire;

namespace ActorPerf.Web.Console.Forms;

/// <summary>One call, written in one language, ready to be copied.</summary>
public sealed record CallLine(string Language, string Text);

/// <summary>A call to this node as curl, C#, Python and the command line write it. Pure.</summary>
public static class CallLines
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The memoised call.</summary>
    /// <param name="args">UTF-8 JSON, well-formed.</param>
    public static IReadOnlyList<CallLine> ForCompute(ConsoleView view, string task, ReadOnlyMemory<byte> args)
    {
        var json = Compact(args);
        return Lines(view, $"compute/{Uri.EscapeDataString(task)}", json, $"actorperf compute {Shell(task)} {Shell(json)}");
    }

    /// <summary>The durable job.</summary>
    public static IReadOnlyList<CallLine> ForJob(ConsoleView view, string task, ReadOnlyMemory<byte> args, JobFields fields)
    {
        var switches = string.Concat(fields.Switches().Select(each => $" {each.Switch} {Shell(each.Value)}"));
        return Lines(view, "jobs", JobBody(task, args, fields), $"actorperf submit {Shell(task)} {Shell(Compact(args))}{switches} --wait");
    }

    /// <summary>The same job many times over, as the lines of one batch.</summary>
    public static IReadOnlyList<CallLine> ForBatch(ConsoleView view, string task, ReadOnlyMemory<byte> args, int count)
    {
        const string type = "application/x-ndjson";
        var (url, line) = ($"{view.Origin}/api/v1/jobs/batch", JobBody(task, args, new JobFields()));
        var many = $"yes {Shell(line)} | head -{count} |";
        return
        [
            new("curl", $"{many} curl -X POST {Shell(url)}{CurlHeaders(view)} -H 'Content-Type: {type}' --data-binary @-"),
            new("C#", $"{CSharpHeaders(view)}var answer = await http.PostAsync({CSharp(url)}, new StringContent(string.Join('\\n', Enumerable.Repeat({CSharp(line)}, {count})), null, \"{type}\"));"),
            new("Python", $"answer = requests.post({Python(url)}, data=\"\\n\".join([{Python(line)}] * {count}), headers={{{string.Join(", ", ["\"Content-Type\": \"" + type + "\"", .. PythonHeaderItems(view)])}}}).text"),
            new("Command line", $"{many} actorperf submit --batch -"),
        ];
    }

    /// <param name="path">Below the API's root, escaped.</param>
    /// <param name="command">The same on the command line; null where there is no such command.</param>
    public static IReadOnlyList<CallLine> ForPost(ConsoleView view, string path, string json, string? command) => Lines(view, path, json, command);

    public static IReadOnlyList<CallLine> ForPut(ConsoleView view, string path, string json, string? command) => Lines(view, path, json, command, put: true);

    private static CallLine[] Lines(ConsoleView view, string path, string json, string? command, bool put = false)
    {
        var url = $"{view.Origin}/api/v1/{path}";
        return
        [
            new("curl", $"curl -X {(put ? "PUT" : "POST")} {Shell(url)}{CurlHeaders(view)} -H 'Content-Type: application/json' -d {Shell(json)}"),
            new("C#", $"{CSharpHeaders(view)}var answer = await http.{(put ? "PutAsync" : "PostAsync")}({CSharp(url)}, new StringContent({CSharp(json)}, null, \"application/json\"));"),
            new("Python", $"answer = requests.{(put ? "put" : "post")}({Python(url)}, json={PythonValue(json)}{PythonHeaders(view)}).json()"),
            .. command is null ? (CallLine[])[] : [new("Command line", command)],
        ];
    }

    /// <summary>The body of <c>POST /jobs</c>.</summary>
    /// <param name="exact">Keeps the arguments to the byte; else needless blanks are left out.</param>
    public static string JobBody(string task, ReadOnlyMemory<byte> args, JobFields fields, bool exact = false)
    {
        using var into = new MemoryStream();
        using (var json = new Utf8JsonWriter(into, Relaxed)) fields.WriteTo(json, task, exact ? Encoding.UTF8.GetString(args.Span) : Compact(args));
        return Encoding.UTF8.GetString(into.ToArray());
    }

    /// <summary>The same JSON without white space; numbers and texts stay as they were written.</summary>
    internal static string Compact(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(Tasks.JsonLine.Compact(json.ToArray()));

    private static string CurlHeaders(ConsoleView view) =>
        (view.SignInRequired ? " -H \"Authorization: Bearer $ACTORPERF_KEY\"" : "")
        + (view.Namespace == Tasks.Namespace.Default ? "" : $" -H 'ActorPerf-Namespace: {view.Namespace}'");

    private static string CSharpHeaders(ConsoleView view) =>
        (view.SignInRequired ? "http.DefaultRequestHeaders.Authorization = new(\"Bearer\", key); " : "")
        + (view.Namespace == Tasks.Namespace.Default ? "" : $"http.DefaultRequestHeaders.Add(\"ActorPerf-Namespace\", \"{view.Namespace}\"); ");

    private static string PythonHeaders(ConsoleView view) =>
        PythonHeaderItems(view) is { Count: > 0 } headers ? $", headers={{{string.Join(", ", headers)}}}" : "";

    private static List<string> PythonHeaderItems(ConsoleView view)
    {
        var headers = new List<string>();
        if (view.SignInRequired) headers.Add("\"Authorization\": f\"Bearer {key}\"");
        if (view.Namespace != Tasks.Namespace.Default) headers.Add($"\"ActorPerf-Namespace\": \"{view.Namespace}\"");
        return headers;
    }

    /// <summary>One word for a POSIX shell.</summary>
    private static string Shell(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-._/:=@%+".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A raw literal where that reads well, else an escaped one.</summary>
    private static string CSharp(string text)
    {
        var readsRaw = text.Contains('"', StringComparison.Ordinal) && !text.StartsWith('"') && !text.EndsWith('"') && !text.Contains("\"\"\"", StringComparison.Ordinal);
        return readsRaw ? $"\"\"\"{text}\"\"\"" : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";
    }

    private static string Python(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static string PythonValue(string json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            return Python(document.RootElement);
        }
        catch (InvalidOperationException)
        {
            return $"json.loads({Python(json)})";            // half of a surrogate pair in a member's name, which no text of ours can hold
        }
    }

    private static string Python(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(member => $"{Python(member.Name)}: {Python(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Python))}]",
        JsonValueKind.String when value.TryText(out var text) => Python(text),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => value.GetRawText(),
    };
}
