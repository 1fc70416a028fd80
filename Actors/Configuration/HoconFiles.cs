using System.Security;
using System.Text;

namespace ActorPerf.Configuration;

/// <summary>Reads the files of one configuration: the first one, and those it includes from its own folder or below.</summary>
internal sealed class HoconFiles
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private readonly Stack<string> _open = new();  // full paths, the including ones below
    private readonly string _folder;
    private readonly ICollection<string> _named;
    private int _files;
    private long _bytes;

    private HoconFiles(string folder, ICollection<string> named) => (_folder, _named) = (folder, named);

    /// <summary>Reads a file and its includes.</summary>
    /// <param name="path">Absolute or relative to the current directory; messages repeat it as given.</param>
    /// <param name="named">Takes the full path of each file, the first one in front, and of includes that are missing too.</param>
    public static HoconNode.Object Read(string path, ICollection<string> named)
    {
        var start = new Origin(path, 1, 1);
        var full = FullPath(path, start);
        var files = new HoconFiles(Path.GetDirectoryName(full) ?? full, named);
        var root = new HoconNode.Object(start);
        if (!files.TryReadFile(full, path, start, root, [], depth: 0))
            throw new HoconException(start, "the configuration file does not exist; create it, or name another one with --config FILE.");
        return root;
    }

    /// <summary>Reads the file that a statement names into the object in which the statement stands.</summary>
    public void Include(HoconInclude include, HoconNode.Object target, IReadOnlyCollection<string> prefix, int depth)
    {
        if (_open.Count > HoconLimits.MaxIncludeDepth)
            throw new HoconException(include.Origin, $"more than {HoconLimits.MaxIncludeDepth} levels of includes; include the file from a higher one.");
        if (include.Name.Length == 0 || Path.IsPathRooted(include.Name))
            throw Outside(include);
        var full = FullPath(Path.Combine(Path.GetDirectoryName(_open.Peek()) ?? _folder, include.Name), include.Origin);
        if (!IsBelow(full, _folder)) throw Outside(include);
        if (_open.Contains(full))
            throw new HoconException(include.Origin, $"'{include.Name}' includes itself, directly or through another file; remove one of the includes.");
        var shown = Path.Combine(Path.GetDirectoryName(include.Origin.Source) ?? "", include.Name);
        RefuseLinkOutside(full, include);
        if (!TryReadFile(full, shown, include.Origin, target, prefix, depth) && include.Required)
            throw new HoconException(include.Origin, $"the required file '{include.Name}' does not exist; create it, or write include \"{include.Name}\" where it may be missing.");
    }

    /// <summary>Turns bytes into text: UTF-8, with or without byte order mark.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string shown)
    {
        var start = new Origin(shown, 1, 1);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw new HoconException(start, "the file is UTF-16 or UTF-32; save it as UTF-8.");
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        var zero = bytes.IndexOf((byte)0);
        if (zero >= 0) throw new HoconException(PlaceOf(zero, bytes, shown), "the file holds a zero byte, so it is binary or UTF-16; save it as UTF-8 text.");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            throw new HoconException(PlaceOf(Math.Clamp(fault.Index, 0, bytes.Length), bytes, shown), "the bytes here are not UTF-8; save the file as UTF-8.", fault);
        }
    }

    private bool TryReadFile(string full, string shown, Origin origin, HoconNode.Object target, IReadOnlyCollection<string> prefix, int depth)
    {
        _named.Add(full);
        if (Directory.Exists(full)) throw new HoconException(origin, $"'{shown}' is a directory; name a file.");
        if (!File.Exists(full)) return false;
        if (++_files > HoconLimits.MaxFiles)
            throw new HoconException(origin, $"more than {HoconLimits.MaxFiles} files are included; join some of them.");
        var text = Decode(Load(full, shown, origin), shown);
        _open.Push(full);
        new HoconParser(text, shown, this).ReadInto(target, prefix, depth);
        _open.Pop();
        return true;
    }

    // The length is not asked beforehand: a pipe or a device has none. One byte over the limit is enough to refuse.
    private ReadOnlySpan<byte> Load(string full, string shown, Origin origin)
    {
        var buffer = new byte[HoconLimits.MaxFileBytes + 1];
        int length;
        try
        {
            using var stream = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            throw new HoconException(origin, $"'{shown}' cannot be read ({fault.Message}); check the file and its permissions.", fault);
        }
        if (length > HoconLimits.MaxFileBytes)
            throw new HoconException(origin, $"'{shown}' is larger than {HoconLimits.MaxFileBytes} bytes; split it with include, or check that it is a configuration file.");
        _bytes += length;
        if (_bytes > HoconLimits.MaxTotalBytes)
            throw new HoconException(origin, $"the file and its includes are larger than {HoconLimits.MaxTotalBytes} bytes together; shorten them.");
        return buffer.AsSpan(0, length);
    }

    private void RefuseLinkOutside(string full, HoconInclude include)
    {
        try
        {
            var target = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName;
            if (target is null || IsBelow(target, _folder)) return;
            var realFolder = Directory.ResolveLinkTarget(_folder, returnFinalTarget: true)?.FullName;
            if (realFolder is null || !IsBelow(target, realFolder)) throw Outside(include);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // A dangling or circular link, or a file that is not there: reading it says so with a better message.
        }
    }

    private static string FullPath(string path, Origin origin)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (Exception fault) when (fault is ArgumentException or IOException or NotSupportedException)
        {
            throw new HoconException(origin, $"'{path}' is not a file name ({fault.Message}); name a file.", fault);
        }
    }

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, PathComparison);

    private static HoconException Outside(HoconInclude include) =>
        new(include.Origin, $"'{include.Name}' is not below the folder of the configuration file; move the file there and include it by its relative name.");

    private static Origin PlaceOf(int index, ReadOnlySpan<byte> bytes, string shown)
    {
        var before = bytes[..index];
        var lineStart = before.LastIndexOf((byte)'\n') + 1;
        return new Origin(shown, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
