using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Export;

/// <summary>A list as a file: CSV for spreadsheets, NDJSON for programs. Written as it is read, a piece at a time.</summary>
internal static class ListExport
{
    /// <summary>Rows of one file at most; who wants more asks the API, or narrows the list.</summary>
    public const int MaxRows = 100_000;

    private const int FlushAt = 32 * 1024;
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">Of the file, without what follows the dot.</param>
    /// <param name="format"><c>csv</c>; anything else is NDJSON.</param>
    public static IResult Of<T>(string name, string? format, IReadOnlyList<ExportColumn<T>> columns, IAsyncEnumerable<T> rows) =>
        format == "csv" ? new File<T>(name + ".csv", "text/csv; charset=utf-8; header=present", new Csv<T>(columns), rows)
            : new File<T>(name + ".ndjson", "application/x-ndjson", new Lines<T>(columns), rows);

    private interface IFormat<T>
    {
        void Head(StringBuilder into);

        void Row(StringBuilder into, T row);
    }

    private sealed class Csv<T>(IReadOnlyList<ExportColumn<T>> columns) : IFormat<T>
    {
        public void Head(StringBuilder into) => into.AppendJoin(',', columns.Select(column => column.Name)).Append("\r\n");

        public void Row(StringBuilder into, T row)
        {
            for (var i = 0; i < columns.Count; i++)
            {
                if (i > 0) into.Append(',');
                CsvText.Append(into, columns[i].Value(row));
            }
            into.Append("\r\n");
        }
    }

    private sealed class Lines<T>(IReadOnlyList<ExportColumn<T>> columns) : IFormat<T>
    {
        public void Head(StringBuilder into)
        {
            // Each line says by itself what it holds.
        }

        public void Row(StringBuilder into, T row)
        {
            using var line = new MemoryStream();
            using (var json = new Utf8JsonWriter(line, Relaxed))
            {
                json.WriteStartObject();
                foreach (var column in columns) Write(json, column.Name, column.Value(row));
                json.WriteEndObject();
            }
            into.Append(Encoding.UTF8.GetString(line.GetBuffer(), 0, (int)line.Length)).Append('\n');
        }

        private static void Write(Utf8JsonWriter json, string name, object? value)
        {
            if (value is null) json.WriteNull(name);
            else if (value is string text) json.WriteString(name, text);
            else if (value is bool flag) json.WriteBoolean(name, flag);
            else if (value is ReadOnlyMemory<byte> raw)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(Forms.CallLines.Compact(raw));       // on one line, whatever it was written on
            }
            else if (value is DateTimeOffset) json.WriteString(name, CsvText.Plain(value));
            else
            {
                json.WritePropertyName(name);
                json.WriteRawValue(CsvText.Plain(value));
            }
        }
    }

    private sealed class File<T>(string name, string type, IFormat<T> format, IAsyncEnumerable<T> rows) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
            // Read before the head goes out, so that a store that is away is still told in words.
            await using var reader = rows.Take(MaxRows).GetAsyncEnumerator(ct);
            var more = await reader.MoveNextAsync();
            response.ContentType = type;
            response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
            await using var packer = Compression.Open(httpContext);
            var body = packer ?? response.Body;
            if (httpContext.IsHead()) return;
            var text = new StringBuilder();
            format.Head(text);
            while (more)
            {
                format.Row(text, reader.Current);
                if (text.Length >= FlushAt) await FlushAsync(body, text, ct);
                more = await reader.MoveNextAsync();
            }
            await FlushAsync(body, text, ct);
        }

        private static async Task FlushAsync(Stream body, StringBuilder text, CancellationToken ct)
        {
            await body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct);
            text.Clear();
        }
    }
}
