using System.Globalization;
using System.Text;

namespace ActorPerf.Tasks.Commands;

/// <summary>One line of the system's table of processes.</summary>
/// <param name="Started">Ticks since the machine started: with the id it tells a process from a later one.</param>
internal readonly record struct ProcessEntry(int Pid, int Parent, int Group, int Session, char State, long Started);

/// <summary>The system's table of processes as <c>/proc</c> shows it (proc(5)); empty on systems that have none.</summary>
internal static class ProcessTable
{
    private const string Root = "/proc";

    /// <summary>More of an environment than this is not searched; ours stands in front.</summary>
    private const int MostEnvironment = 256 * 1024;

    /// <summary>The space of process ids that this process lives in; containers have their own.</summary>
    public static string Space { get; } = ReadSpace();

    public static IEnumerable<ProcessEntry> All()
    {
        if (!OperatingSystem.IsLinux()) yield break;
        foreach (var folder in Directory.EnumerateDirectories(Root))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Find(pid) is { } entry)
                yield return entry;
    }

    /// <summary>Null where there is no such process.</summary>
    public static ProcessEntry? Find(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"{Root}/{pid}/stat"));
            // The second field is the program's name in brackets, which may hold anything: the others follow its last bracket.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessEntry(pid, Number(fields[1]), Number(fields[2]), Number(fields[3]), fields[0][0], long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or IndexOutOfRangeException or ArgumentOutOfRangeException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A variable with which the process was started; null where it has none, or is another user's.</summary>
    public static string? Variable(int pid, string name)
    {
        try
        {
            using var file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"{Root}/{pid}/environ"));
            var buffer = new byte[4096];
            var length = 0;
            for (int read; (read = RandomAccess.Read(file, buffer.AsSpan(length), length)) > 0;)
            {
                length += read;
                if (length < buffer.Length) continue;
                if (length >= MostEnvironment) break;
                Array.Resize(ref buffer, length * 2);
            }
            return Find(buffer.AsSpan(0, length), name);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Find(ReadOnlySpan<byte> environment, string name)
    {
        var start = Encoding.UTF8.GetBytes(name + "=");
        foreach (var range in environment.Split((byte)0))
            if (environment[range].StartsWith(start)) return Encoding.UTF8.GetString(environment[range][start.Length..]);
        return null;
    }

    private static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);

    private static string ReadSpace()
    {
        if (!OperatingSystem.IsLinux()) return "";
        try
        {
            // "pid:[4026531836]"
            return new string([.. (File.ResolveLinkTarget(Root + "/self/ns/pid", returnFinalTarget: false)?.Name ?? "").Where(char.IsAsciiDigit)]);
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
