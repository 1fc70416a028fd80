using System.Runtime.CompilerServices;

namespace ActorPerf.Node;

/// <summary>Keys as they are pressed, without an echo and without waiting for the end of a line.</summary>
internal static class TypedKeys
{
    /// <summary>Nobody notices a tenth of a second, and looking ten times a second costs nothing that a load test could measure.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The keys of this process's terminal, until it is cancelled or there is no terminal any more.</summary>
    public static async IAsyncEnumerable<char> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            switch (Next())
            {
                case null: yield break;
                case '\0': await Task.Delay(Pause, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); break;
                case { } key: yield return key; break;
            }
        }
    }

    /// <summary>The next key; NUL where none was pressed, null where none ever will be.</summary>
    private static char? Next()
    {
        try
        {
            return IsForeground() && Console.KeyAvailable ? Console.ReadKey(intercept: true).KeyChar : '\0';
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>Whether keys are for this process: one that runs behind a shell's prompt (<c>&amp;</c>) and asks for them is halted by its terminal.</summary>
    private static bool IsForeground()
    {
        try
        {
            // After the name, which may hold anything, in brackets: state, parent, group, session, terminal, the terminal's group.
            var stat = File.ReadAllText("/proc/self/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[2] == fields[5];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return true;        // systems without that file
        }
    }
}
