using System.Runtime.Versioning;

namespace ActorPerf.Tasks.Commands;

/// <summary>Finds and ends everything that a call has started: its group and session, its descendants, and what carries its mark.</summary>
/// <remarks>A process that left the group, the session and its parent still carries the mark unless it also emptied its environment.</remarks>
[UnsupportedOSPlatform("windows")]
internal static class ProcessTree
{
    /// <summary>A tree that grows while it is being ended is looked at again; so often, no more.</summary>
    private const int MostRounds = 20;

    /// <summary>Ends what belongs to one call. Its first process must not have been taken off the table yet.</summary>
    /// <returns>How many processes were told to end.</returns>
    public static int Kill(int leader, string run)
    {
        var killed = 0;
        for (var round = 0; round < MostRounds; round++)
        {
            _ = PosixNative.Signal(-leader, PosixNative.Kill);
            var found = Members(leader, run);
            if (found.Count == 0) return killed;
            killed += found.Count;
            foreach (var one in found) _ = PosixNative.Signal(one, PosixNative.Kill);
        }
        return killed;
    }

    /// <summary>Ends what carries one of the marks. For calls whose first process is gone already.</summary>
    public static int KillMarked(IReadOnlySet<string> runs)
    {
        var killed = 0;
        foreach (var entry in ProcessTable.All())
            if (entry.State is not ('Z' or 'X') && ProcessTable.Variable(entry.Pid, RunMark.RunVariable) is { } run && runs.Contains(run) && entry.Pid != Environment.ProcessId)
                killed += PosixNative.Signal(entry.Pid, PosixNative.Kill) == 0 ? 1 : 0;
        return killed;
    }

    /// <summary>Ends what nodes have left behind that are dead.</summary>
    public static IReadOnlyList<int> KillOrphans()
    {
        var killed = new List<int>();
        foreach (var entry in ProcessTable.All())
            if (entry.State is not ('Z' or 'X') && entry.Pid != Environment.ProcessId
                && ProcessTable.Variable(entry.Pid, RunMark.NodeVariable) is { } text && NodeMark.TryParse(text, out var mark) && mark is { IsDead: true }
                && PosixNative.Signal(entry.Pid, PosixNative.Kill) == 0)
                killed.Add(entry.Pid);
        return killed;
    }

    private static List<int> Members(int leader, string run)
    {
        var all = ProcessTable.All().Where(entry => entry.State is not ('Z' or 'X')).ToList();
        var members = new HashSet<int> { leader };
        for (var before = 0; before != members.Count;)
        {
            before = members.Count;
            foreach (var entry in all)
                if (entry.Group == leader || entry.Session == leader || members.Contains(entry.Parent)) members.Add(entry.Pid);
        }
        foreach (var entry in all)
            if (!members.Contains(entry.Pid) && ProcessTable.Variable(entry.Pid, RunMark.RunVariable) == run) members.Add(entry.Pid);
        return [.. all.Select(entry => entry.Pid).Where(members.Contains)];
    }
}
