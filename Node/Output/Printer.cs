using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>Writes a command's data in the format that was asked for.</summary>
/// <param name="width">Where table lines are cut; null: nowhere.</param>
internal sealed class Printer(TextWriter output, OutputFormat format, int? width)
{
    public OutputFormat Format => format;

    public bool IsTable => format == OutputFormat.Table;

    /// <summary>A list answer <c>{items, next}</c>: a table, the document, or a line per item.</summary>
    public void List(JsonElement page, IReadOnlyList<Column> columns)
    {
        if (format == OutputFormat.Json) Line(JsonText.Pretty(page));
        else if (IsTable) Table(page.Items("items"), columns);
        else
            foreach (var item in page.Items("items")) Line(JsonText.Compact(item));
    }

    /// <summary>One document; <paramref name="table"/> writes it for people.</summary>
    public void Document(JsonElement document, Action table)
    {
        if (IsTable) table();
        else Line(format == OutputFormat.Json ? JsonText.Pretty(document) : JsonText.Compact(document));
    }

    public void Table(IReadOnlyList<JsonElement> items, IReadOnlyList<Column> columns) => Grid(
        [.. columns.Select(column => column.Right)],
        [[.. columns.Select(column => column.Title)], .. items.Select(item => columns.Select(column => column.Cell(item)).ToArray())]);

    /// <summary>Rows of text, the first of them the titles.</summary>
    public void Grid(IReadOnlyList<bool> right, IReadOnlyList<IReadOnlyList<string>> rows) => output.Write(Output.Grid.Draw(right, rows, width));

    /// <summary>Names and values below each other; empty values are left out.</summary>
    public void Facts(params IReadOnlyList<(string Name, string Value)> facts) => output.Write(Output.Grid.Draw(
        [false, false], [.. facts.Where(fact => fact.Value.Length > 0).Select(fact => new[] { fact.Name, fact.Value })], width: null));

    /// <summary>A line of text that needs no escaping: JSON or the program's own.</summary>
    public void Line(string text) => output.Write(text + "\n");
}
