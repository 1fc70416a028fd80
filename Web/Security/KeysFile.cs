using ActorPerf.Tasks;

namespace ActorPerf.Web.Security;

/// <summary>The file of <c>http.auth.keys-file</c>: one key a line, docs/formats/keys-file.md.</summary>
/// <param name="Keys">The keys of the good lines.</param>
/// <param name="Faults">What is wrong, with line numbers; empty when the file is good.</param>
internal sealed record KeysFile(IReadOnlyDictionary<string, KeyOptions> Keys, IReadOnlyList<string> Faults)
{
    private const int MaxBytes = 1024 * 1024;

    public static KeysFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) return Faulty($"'{path}' is longer than {MaxBytes} bytes.");
            return Parse(File.ReadAllText(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Faulty($"'{path}' cannot be read ({fault.Message}). Create it, or take the setting out.");
        }
    }

    public static KeysFile Parse(string text)
    {
        var keys = new Dictionary<string, KeyOptions>(StringComparer.Ordinal);
        var faults = new List<string>();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#') continue;
            if (Line(trimmed, out var name, out var key) is { } fault) faults.Add($"Line {number}: {fault}");
            else if (!keys.TryAdd(name, key)) faults.Add($"Line {number}: the name '{name}' is taken by an earlier line.");
        }
        return new KeysFile(keys, faults);
    }

    private static KeysFile Faulty(string fault) => new(new Dictionary<string, KeyOptions>(), [fault]);

    private static string? Line(string line, out string name, out KeyOptions key)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        name = words[0];
        key = new KeyOptions { Hash = words.Length > 1 ? words[1] : "" };
        if (!ApiKey.TryParseHash(key.Hash, out _)) return "write NAME sha256:HEX, the hash being 64 hexadecimal digits.";
        foreach (var word in words.AsSpan(2))
        {
            if (word.StartsWith("scopes=", StringComparison.Ordinal)) key.Scopes = word[7..].Split(',');
            else if (word.StartsWith("namespaces=", StringComparison.Ordinal)) key.Namespaces = word[11..].Split(',');
            else return $"'{word}' is neither scopes=… nor namespaces=….";
        }
        foreach (var scope in key.Scopes)
            if (!Scopes.TryParse(scope, out _)) return $"'{scope}' is no scope; use read, submit, operate or admin.";
        foreach (var ns in key.Namespaces)
            if (!Namespace.TryParse(ns, out _)) return $"'{ns}' is no namespace.";
        return null;
    }
}
