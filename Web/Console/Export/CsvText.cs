using System.Buffers;
using System.Globalization;
using System.Text;

namespace ActorPerf.Web.Console.Export;

/// <summary>Cells of a CSV file (RFC 4180) that no spreadsheet takes for a formula. Pure.</summary>
/// <remarks>A text that begins with <c>= + - @</c>, a tab or a carriage return gets an apostrophe in front, as OWASP recommends: spreadsheets then show it as it is.</remarks>
internal static class CsvText
{
    /// <summary>What a cell cannot hold without quotes; the semicolon and the apostrophe for spreadsheets that part cells by them.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n\t;'");

    public static void Append(StringBuilder into, object? value)
    {
        if (value is string text) AppendText(into, text);
        else if (value is ReadOnlyMemory<byte> json) AppendText(into, Encoding.UTF8.GetString(json.Span));
        else into.Append(Plain(value));
    }

    /// <summary>A value that is no text, as both formats write it.</summary>
    public static string Plain(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        DateTimeOffset moment => Words.Exact(moment),
        TimeSpan span => span.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"A cell cannot hold a {value.GetType().Name}.", nameof(value)),
    };

    private static void AppendText(StringBuilder into, string text)
    {
        var isFormula = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r';
        if (!isFormula && !text.AsSpan().ContainsAny(Special))
        {
            into.Append(text);
            return;
        }
        into.Append('"');
        if (isFormula) into.Append('\'');
        into.Append(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
