using System.Text;

namespace ActorPerf.Node.Commands;

/// <summary>A file of <c>http.auth.keys-file</c>: a key a line, <c>NAME sha256:HEX scopes=a,b namespaces=c</c>; <c>#</c> begins a comment line.</summary>
internal static class KeysFileText
{
    /// <summary>The keys in order; lines that are none are left out, as the node says what is wrong with them.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<KeyEntry> Read(string file) =>
        [.. File.ReadLines(file).Select((line, at) => Parse(line, $"{file}:{at + 1}")).OfType<KeyEntry>()];

    /// <summary>Adds a line at the end; makes the file, for its owner alone, where there is none.</summary>
    public static void Append(string file, KeyEntry entry)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(file, options);
        var broken = false;
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            broken = stream.ReadByte() != '\n';
        }
        stream.Seek(0, SeekOrigin.End);
        stream.Write(Encoding.UTF8.GetBytes($"{(broken ? "\n" : "")}{entry.AsLine()}\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Takes a key's lines out.</summary>
    /// <returns>How many there were.</returns>
    /// <remarks>Written over in place and cut last: the file may be mounted by itself, where a new file under its name
    /// would not be seen, and at no moment is a key missing that should stay.</remarks>
    public static int Remove(string file, string name)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var lines = reader.ReadToEnd().Split('\n');
        var kept = lines.Where(line => Parse(line, "")?.Name != name).ToArray();
        if (kept.Length == lines.Length) return 0;
        stream.Seek(0, SeekOrigin.Begin);
        stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', kept)));
        stream.SetLength(stream.Position);
        stream.Flush(flushToDisk: true);
        return lines.Length - kept.Length;
    }

    private static KeyEntry? Parse(string line, string where)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words[0][0] == '#' || !words[1].StartsWith("sha256:", StringComparison.Ordinal)) return null;
        return new(words[0], words[1], Words(words, "scopes="), Words(words, "namespaces="), where);
    }

    private static string[] Words(string[] words, string prefix) =>
        Array.Find(words, word => word.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..].Split(',') ?? [];
}
