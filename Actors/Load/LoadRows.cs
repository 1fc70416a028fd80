using System.Text;

namespace ActorPerf.Load;

/// <summary>Rows of a file of values: CSV as RFC 4180 has it, in UTF-8, with a head line. Read when a run starts and kept until it ends.</summary>
internal sealed class LoadRows
{
    private const int MaxBytes = 64 * 1024 * 1024;
    private const int MaxRows = 1_000_000;

    private readonly LoadDataOrder _order;
    private readonly IReadOnlyList<string[]> _rows;
    private long _next = -1;

    private LoadRows(string[] columns, IReadOnlyList<string[]> rows, LoadDataOrder order) => (Columns, _rows, _order) = (columns, rows, order);

    public IReadOnlyList<string> Columns { get; }

    public int Count => _rows.Count;

    /// <exception cref="FormatException">It is no such file; the message says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<LoadRows> ReadAsync(LoadDataOptions options, CancellationToken ct)
    {
        var length = new FileInfo(options.File).Length;
        if (length > MaxBytes) throw new FormatException($"it has {length} bytes; at most {MaxBytes} are read");
        return Parse(await File.ReadAllTextAsync(options.File, Encoding.UTF8, ct), options.Order);
    }

    /// <inheritdoc cref="ReadAsync"/>
    public static LoadRows Parse(string text, LoadDataOrder order)
    {
        var lines = CsvLines.Read(text).ToList();
        if (lines.Count < 2) throw new FormatException("it has no row below its head line");
        if (lines.Count - 1 > MaxRows) throw new FormatException($"it has {lines.Count - 1} rows; at most {MaxRows} are read");
        var columns = lines[0];
        for (var i = 1; i < lines.Count; i++)
            if (lines[i].Length != columns.Length) throw new FormatException($"row {i} has {lines[i].Length} values and the head line {columns.Length}");
        return new LoadRows(columns, lines.GetRange(1, lines.Count - 1), order);
    }

    /// <summary>The row of a user's next iteration.</summary>
    public string[] Take(LoadSession session) => _order switch
    {
        LoadDataOrder.Random => _rows[session.Random.Next(_rows.Count)],
        LoadDataOrder.User => _rows[session.User % _rows.Count],
        _ => _rows[(int)(Interlocked.Increment(ref _next) % _rows.Count)],
    };

    public string? Value(string[] row, string column)
    {
        for (var i = 0; i < Columns.Count; i++)
            if (Columns[i] == column) return row[i];
        return null;
    }
}

/// <summary>Reads lines of CSV: values apart by commas, in quotes where they hold commas, quotes (doubled) or ends of lines.</summary>
internal static class CsvLines
{
    /// <summary>The lines in their order; empty ones are left out.</summary>
    /// <exception cref="FormatException">A quote is not closed.</exception>
    public static IEnumerable<string[]> Read(string text)
    {
        var at = text.StartsWith('\ufeff') ? 1 : 0;
        var values = new List<string>();
        while (at < text.Length)
        {
            values.Clear();
            var blank = text[at] is '\r' or '\n';
            do values.Add(Value(text, ref at));
            while (at < text.Length && text[at] == ',' && ++at > 0);
            if (at < text.Length && text[at] == '\r') at++;
            if (at < text.Length && text[at] == '\n') at++;
            if (!blank) yield return [.. values];
        }
    }

    private static string Value(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(",\r\n");
            var plain = end < 0 ? text[at..] : text.Substring(at, end);
            at += plain.Length;
            return plain;
        }
        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"') value.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"') value.Append(text[at++]);
            else
            {
                at++;
                return value.ToString();
            }
        }
        throw new FormatException("a quote is not closed");
    }
}
