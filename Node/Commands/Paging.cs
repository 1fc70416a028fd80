using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The options of commands that print one page of a list.</summary>
internal sealed class Paging
{
    private readonly Option<int?> _limit = Options.Number("--limit", "How many at most; default 50", 1, 500);
    private readonly Option<string?> _cursor = Options.Text("--cursor", "Go on after the page that named this", "CURSOR");

    public void AddTo(Command command)
    {
        command.Options.Add(_limit);
        command.Options.Add(_cursor);
    }

    public string? Limit(ParseResult parsed) => parsed.GetValue(_limit)?.ToString(CultureInfo.InvariantCulture);

    public string? Cursor(ParseResult parsed) => parsed.GetValue(_cursor);

    /// <summary>The page; and for people, how to see the next one. In JSON the page itself says it; as NDJSON a message does.</summary>
    public static void Print(JsonElement page, IReadOnlyList<Column> columns, Invocation invocation)
    {
        invocation.Printer.List(page, columns);
        if (invocation.Printer.Format != OutputFormat.Json && page.Text("next") is { Length: > 0 } next) invocation.Say($"more: --cursor {next}");
    }
}
