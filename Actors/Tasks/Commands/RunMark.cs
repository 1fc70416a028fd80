using System.Globalization;

namespace ActorPerf.Tasks.Commands;

/// <summary>What tells the processes of one call, and those of one life of a node, from all others: two variables of their environment.</summary>
/// <param name="Node">The node's process.</param>
/// <param name="Run">The call or worker.</param>
internal sealed record RunMark(NodeMark Node, string Run)
{
    public const string RunVariable = "ACTORPERF_RUN";
    public const string NodeVariable = "ACTORPERF_NODE";

    public static RunMark New(NodeMark node) => new(node, Guid.NewGuid().ToString("N"));

    public IEnumerable<KeyValuePair<string, string>> Variables => [new(RunVariable, Run), new(NodeVariable, Node.ToString())];
}

/// <summary>One life of a node's process: its id, when it started (ticks since the machine started), and the space of process ids in which both count.</summary>
internal sealed record NodeMark(int Pid, long Started, string Space)
{
    public static NodeMark Self { get; } = new(
        Environment.ProcessId, ProcessTable.Find(Environment.ProcessId)?.Started ?? 0, ProcessTable.Space);

    public static bool TryParse(string text, out NodeMark? mark)
    {
        mark = text.Split('-') is [var pid, var started, var space]
            && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new NodeMark(id, at, space) : null;
        return mark is not null;
    }

    /// <summary>Whether that process is known to be gone: a mark of another space of ids says nothing here.</summary>
    public bool IsDead => Space == ProcessTable.Space && ProcessTable.Find(Pid)?.Started != Started;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid}-{Started}-{Space}");
}
