using System.Text;

namespace ActorPerf.Node.Output;

/// <summary>Rows of text in columns two spaces apart. On a terminal a line is cut at its edge; elsewhere nothing is cut.</summary>
public static class Grid
{
    /// <param name="right">Per column: aligned to the right.</param>
    /// <param name="rows">Each as long as <paramref name="right"/>.</param>
    /// <param name="width">Where lines are cut; null: nowhere.</param>
    public static string Draw(IReadOnlyList<bool> right, IReadOnlyList<IReadOnlyList<string>> rows, int? width)
    {
        var safe = rows.Select(row => row.Select(Visible.Of).ToArray()).ToArray();
        var widths = right.Select((_, column) => safe.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in safe) text.Append(Cut(Line(row, widths, right), width)).Append('\n');
        return text.ToString();
    }

    private static string Line(string[] row, int[] widths, IReadOnlyList<bool> right) => string.Join("  ", row.Select((cell, column) =>
        right[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd();

    private static string Cut(string line, int? width) => width is { } limit && line.Length > limit ? string.Concat(line.AsSpan(0, limit - 1), "…") : line;
}
