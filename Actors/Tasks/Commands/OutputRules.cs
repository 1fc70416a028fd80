using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ActorPerf.Tasks.Commands;

/// <summary>Makes a result of what a process wrote. Pure.</summary>
internal static class OutputRules
{
    /// <param name="media">Null for JSON.</param>
    /// <returns>One line of UTF-8 JSON. Of JSON the value itself, <c>null</c> for nothing; of another type the string that stands for it.</returns>
    /// <exception cref="TaskFaultException"><c>bad-result</c>: it should be JSON, or text, and is none.</exception>
    public static ReadOnlyMemory<byte> Result(ReadOnlyMemory<byte> output, ResultMedia? media, string command)
    {
        if (media is null) return Json(output, command);
        try
        {
            return media.Encode(output.Span);
        }
        catch (ArgumentException)
        {
            throw new TaskFaultException("bad-result", $"What command '{command}' wrote is to be {media.Type}, and is no UTF-8. Write UTF-8, or set a result-type of bytes, such as application/octet-stream.");
        }
    }

    private static ReadOnlyMemory<byte> Json(ReadOnlyMemory<byte> output, string command)
    {
        var value = output.Trim(" \t\r\n"u8);
        if (value.IsEmpty) return "null"u8.ToArray();
        if (!Utf8.IsValid(value.Span)) throw Fault("its standard output is no UTF-8");
        try
        {
            JsonDocument.Parse(value, new JsonDocumentOptions { AllowDuplicateProperties = false }).Dispose();
            // A result goes out inside lines of other formats, so it must be one line itself.
            return JsonLine.Is(value.Span) ? value : JsonLine.Compact(value.ToArray()).ToArray();
        }
        catch (JsonException fault)
        {
            throw Fault(fault.Message.TrimEnd('.'));
        }

        TaskFaultException Fault(string why) => new("bad-result",
            $"What command '{command}' wrote is no JSON value: {why}. It began with: {Beginning(value.Span)} Write one JSON value to standard output and everything else to standard error, or set the task's result-type.");
    }

    private static string Beginning(ReadOnlySpan<byte> value)
    {
        const int Shown = 100;
        var text = Encoding.UTF8.GetString(value[..Math.Min(value.Length, Shown)]).ReplaceLineEndings(" ");
        return value.Length > Shown ? $"{text}…" : $"{text}";
    }
}
