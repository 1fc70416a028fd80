using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ActorPerf.Web.Wire;

/// <summary>JSON merge patch (RFC 7396). What the patch does not name keeps its bytes: digits of numbers, spellings of texts, order of members.</summary>
internal static class MergePatch
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 128 };

    /// <param name="target">A JSON object.</param>
    /// <param name="patch">A JSON object, well-formed and without doubled members.</param>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> target, ReadOnlyMemory<byte> patch)
    {
        using var before = JsonDocument.Parse(target, Deep);
        using var change = JsonDocument.Parse(patch, Deep);
        var merged = new ArrayBufferWriter<byte>(target.Length + patch.Length);
        Merge(before.RootElement, change.RootElement, merged);
        return merged.WrittenMemory;
    }

    private static void Merge(JsonElement? target, JsonElement patch, ArrayBufferWriter<byte> into)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            into.Write(JsonMarshal.GetRawUtf8Value(patch));
            return;
        }
        var changes = patch.EnumerateObject().ToDictionary(Name, static member => member.Value, StringComparer.Ordinal);
        var first = true;
        into.Write("{"u8);
        if (target is { ValueKind: JsonValueKind.Object } old)
        {
            foreach (var member in old.EnumerateObject())
            {
                if (!changes.Remove(Name(member), out var change)) Member(member, into, ref first, member.Value, null);
                else if (change.ValueKind != JsonValueKind.Null) Member(member, into, ref first, member.Value, change);
            }
        }
        foreach (var member in patch.EnumerateObject())
            if (member.Value.ValueKind != JsonValueKind.Null && changes.ContainsKey(Name(member))) Member(member, into, ref first, null, member.Value);
        into.Write("}"u8);
    }

    private static void Member(JsonProperty member, ArrayBufferWriter<byte> into, ref bool first, JsonElement? old, JsonElement? change)
    {
        if (!first) into.Write(","u8);
        first = false;
        into.Write("\""u8);
        into.Write(JsonMarshal.GetRawUtf8PropertyName(member));
        into.Write("\":"u8);
        if (change is { } changed) Merge(old, changed, into);
        else if (old is { } kept) into.Write(JsonMarshal.GetRawUtf8Value(kept));
    }

    /// <summary>Two spellings of one name meet; a name that is no text (half of a surrogate pair) meets only its own spelling.</summary>
    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.Latin1.GetString(JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }
}
