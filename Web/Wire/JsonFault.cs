using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>What is told of JSON that cannot be taken.</summary>
internal static class JsonFault
{
    private const int MaxShown = 60;

    public static Refusal From(JsonException fault)
    {
        var place = fault.LineNumber is { } line ? $" at line {line + 1}, byte {fault.BytePositionInLine + 1}" : "";
        var words = fault.Message.Split(" LineNumber:", 2)[0];
        return new Refusal("invalid-json", $"The body is not well-formed JSON{place}: {words}");
    }

    public static Refusal Members(IReadOnlyList<FieldFault> faults) => Refusal.Invalid("invalid-request", faults.Count == 1
        ? $"{(faults[0].Pointer.Length == 0 ? "The body" : faults[0].Pointer)}: {faults[0].Message}"
        : $"{faults.Count} members of the body cannot be taken; see errors.", faults);

    public static Refusal Member(string pointer, string message) => Members([new FieldFault(pointer, message)]);

    /// <summary>The name the reader stands on, cut for messages.</summary>
    /// <exception cref="JsonException">It holds half of a surrogate pair.</exception>
    public static string Name(ref Utf8JsonReader reader) =>
        TryText(ref reader, out var name) ? Shown(name) : throw new JsonException("A member's name holds half of a surrogate pair.");

    public static string Shown(string text) => text.Length <= MaxShown ? text : string.Concat(text.AsSpan(0, MaxShown), "…");

    /// <summary>The text the reader stands on; false where it has no form in UTF-16 (an escaped half of a surrogate pair).</summary>
    public static bool TryText(ref Utf8JsonReader reader, [NotNullWhen(true)] out string? text)
    {
        try
        {
            text = reader.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }
}
