using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ActorPerf.Jobs;

/// <summary>A parent's result, for references to it and to parts of it: parsed when the first part is asked for, and each of its lists and objects looked through once, however many parts are taken.</summary>
/// <param name="json">Well-formed UTF-8 JSON; null: there is none, and all of it is <c>null</c>.</param>
public sealed class ResultParts(ReadOnlyMemory<byte>? json) : IDisposable
{
    private JsonDocument? _document;
    private Node? _root;

    /// <summary>Bytes of the whole.</summary>
    public int Length => json?.Length ?? 0;

    /// <summary>The whole, or what a dotted path leads to; <c>null</c> where it leads nowhere. Good until this is disposed.</summary>
    public ReadOnlySpan<byte> Of(string? path)
    {
        if (json is not { } whole) return "null"u8;
        if (string.IsNullOrEmpty(path)) return whole.Span;
        _root ??= new Node((_document = JsonDocument.Parse(whole, new JsonDocumentOptions { MaxDepth = 256 })).RootElement);
        var at = _root;
        foreach (var step in path.Split('.'))
        {
            if (at.Step(step) is not { } next) return "null"u8;
            at = next;
        }
        return JsonMarshal.GetRawUtf8Value(at.Element);
    }

    public void Dispose() => _document?.Dispose();

    private sealed class Node(JsonElement element)
    {
        private Node[]? _items;
        private Dictionary<string, Node>? _members;

        public JsonElement Element => element;

        public Node? Step(string step)
        {
            if (element.ValueKind == JsonValueKind.Object) return (_members ??= Members()).GetValueOrDefault(step);
            if (element.ValueKind != JsonValueKind.Array || !int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return null;
            _items ??= [.. element.EnumerateArray().Select(item => new Node(item))];
            return index < _items.Length ? _items[index] : null;
        }

        private Dictionary<string, Node> Members()
        {
            var members = new Dictionary<string, Node>(StringComparer.Ordinal);
            foreach (var member in element.EnumerateObject())
            {
                try
                {
                    members[member.Name] = new Node(member.Value);      // of two with one name the last, as everywhere
                }
                catch (InvalidOperationException)
                {
                    // An escaped half of a surrogate pair: no path can name it.
                }
            }
            return members;
        }
    }
}
