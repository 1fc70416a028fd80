using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Which lines of a log are asked for, and how a line is printed.</summary>
internal sealed class LogOptions
{
    private readonly Option<string?> _level = Options.Text("--level", "This level and the more serious ones: trace, debug, information, warning, error or critical", "LEVEL");
    private readonly Option<string?> _category = Options.Text("--category", "What the category begins with", "TEXT");
    private readonly Option<string?> _text = Options.Text("--grep", "What stands in message or error, whatever its case", "TEXT");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _level, _category, _text }) command.Options.Add(option);
    }

    public string Path(ParseResult parsed, string path, string counted, int? count) => Api.With(
        path, ("level", parsed.GetValue(_level)), ("category", parsed.GetValue(_category)), ("q", parsed.GetValue(_text)),
        (counted, count?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>A line; an exception's text below it.</summary>
    public static IEnumerable<string> Worded(JsonElement line)
    {
        if (line.Text("missed") is { Length: > 0 } missed) yield return $"({missed} lines came too fast and are not shown)";
        yield return $"{line.Text("at")}  {line.Text("level"),-11}  {line.Text("category")}[{line.Text("eventId")}]  {line.Text("message")}";
        foreach (var row in line.Text("error").Split('\n', StringSplitOptions.RemoveEmptyEntries)) yield return "  " + row.TrimEnd('\r');
    }
}
