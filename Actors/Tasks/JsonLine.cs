namespace ActorPerf.Tasks;

/// <summary>JSON as a line among others: of NDJSON, of server-sent events, of a worker's input.</summary>
/// <remarks>A line holds a whole document, so no document on one holds a line break. JSON has none inside a text (there it is written <c>\n</c>): whatever breaks a
/// line is white space between two tokens, of which one is always a bracket, a comma or a colon. So it may all go, and every token keeps its bytes.</remarks>
public static class JsonLine
{
    /// <summary>Whether it stands on one line already; most does.</summary>
    public static bool Is(ReadOnlySpan<byte> json) => json.IndexOfAny((byte)'\n', (byte)'\r') < 0;

    /// <summary>Takes the white space out, in place. Needs nothing but that texts are told from the rest: halves of surrogate pairs and any depth are taken as they are.</summary>
    /// <param name="json">UTF-8, well-formed.</param>
    /// <returns>What is left of it: its beginning.</returns>
    public static Span<byte> Compact(Span<byte> json)
    {
        var kept = 0;
        var (inText, escaped) = (false, false);
        foreach (var octet in json)
        {
            if (!inText && octet is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') continue;
            if (octet == '"' && !escaped) inText = !inText;
            escaped = inText && octet == '\\' && !escaped;
            json[kept++] = octet;
        }
        return json[..kept];
    }
}
