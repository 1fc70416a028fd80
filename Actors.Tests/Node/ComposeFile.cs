namespace ActorPerf.Tests.Node;

/// <summary>A compose file of docker/. As much of YAML as they use: maps, lists of texts, texts, anchors and merges.</summary>
internal sealed class ComposeFile
{
    private readonly (int Indent, string Text)[] _lines;
    private readonly Dictionary<string, object> _anchors = [];
    private int _at;

    private ComposeFile(IEnumerable<string> lines) =>
        _lines = [.. lines.Where(line => line.Trim() is not ("" or ['#', ..])).Select(line => (line.Length - line.TrimStart().Length, line.Trim()))];

    /// <summary>Maps are dictionaries, lists lists of texts, everything else a text.</summary>
    public static Dictionary<string, object> Read(string path) => new ComposeFile(File.ReadLines(path)).Map();

    private Dictionary<string, object> Map()
    {
        var map = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var indent = _lines[_at].Indent; _at < _lines.Length && _lines[_at].Indent == indent;)
        {
            var (key, rest) = Split(_lines[_at].Text);
            if (key == "<<")
                foreach (var (name, merged) in (Dictionary<string, object>)_anchors[rest.TrimStart('*')]) map.TryAdd(name, merged);
            _at++;
            var value = Value(rest, indent);
            if (rest is ['&', ..]) _anchors[rest[1..]] = value;
            if (key != "<<") map[key] = value;
        }
        return map;
    }

    private object Value(string rest, int indent)
    {
        if (rest is not ("" or ['&', ..])) return rest is ['[', .., ']'] ? rest[1..^1].Split(',').Select(Text).ToList() : Text(rest);
        if (_at == _lines.Length || _lines[_at].Indent <= indent) return "";
        if (_lines[_at].Text is not ['-', ' ', ..]) return Map();
        var list = new List<string>();
        for (var inner = _lines[_at].Indent; _at < _lines.Length && _lines[_at].Indent == inner; _at++) list.Add(Text(_lines[_at].Text[2..]));
        return list;
    }

    private static (string Key, string Value) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return (line[..colon], line[(colon + 1)..].Trim());
    }

    private static string Text(string written) => written.Trim().Trim('"');
}
