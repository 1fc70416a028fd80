namespace ActorPerf.Tests.Load.Figures;

/// <summary>A CSV file read as RFC 4180 says, by the names of its columns.</summary>
internal sealed record CsvTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows)
{
    public static CsvTable Read(string text)
    {
        var lines = Lines(text);
        Assert.All(lines, line => Assert.Equal(lines[0].Count, line.Count));
        return new CsvTable(lines[0], [.. lines.Skip(1).Select(line => lines[0].Zip(line).ToDictionary(pair => pair.First, pair => pair.Second))]);
    }

    private static List<List<string>> Lines(string text)
    {
        var (lines, line, cell, quoted) = (new List<List<string>>(), new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[++i]);
            else if (text[i] == '"') quoted = !quoted;
            else if (quoted || text[i] is not (',' or '\r' or '\n')) cell.Append(text[i]);
            else if (text[i] == '\n') EndLine();
            else if (text[i] == ',') EndCell();
        }

        Assert.False(quoted);
        Assert.Empty(line);
        return lines;

        void EndCell()
        {
            line.Add(cell.ToString());
            cell.Clear();
        }

        void EndLine()
        {
            EndCell();
            lines.Add(line);
            line = [];
        }
    }
}
