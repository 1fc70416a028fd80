using System.Text;

namespace ActorPerf.Tasks;

/// <summary>Turns the path of a JSON error, such as <c>$.a[0].b</c> or <c>$['odd name']</c>, into a pointer below <c>/args</c>.</summary>
internal static class JsonPathPointer
{
    public static string Translate(string? path)
    {
        var pointer = new StringBuilder("/args");
        var rest = path is null ? "" : path.AsSpan().TrimStart('$');
        while (!rest.IsEmpty)
        {
            var quoted = rest.StartsWith("['", StringComparison.Ordinal);
            var skip = quoted ? 2 : 1; // "." and "[" count one
            var end = quoted ? rest.IndexOf("']", StringComparison.Ordinal)
                : rest[0] == '[' ? rest.IndexOf(']')
                : rest[1..].IndexOfAny('.', '[') is var at and >= 0 ? at + 1 : rest.Length;
            if (end < skip) end = rest.Length;
            pointer.Append('/').Append(Escape(rest[skip..end].ToString()));
            var closing = quoted ? 2 : rest[0] == '[' ? 1 : 0;
            rest = rest[Math.Min(rest.Length, end + closing)..];
        }
        return pointer.ToString();
    }

    /// <summary>A member's name as a reference token (RFC 6901): <c>~</c> and <c>/</c> become <c>~0</c> and <c>~1</c>.</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
