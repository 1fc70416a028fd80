using System.Reflection;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>What a cluster of processes is made of.</summary>
public sealed record ProcessOptions
{
    /// <summary>An empty PostgreSQL database of the test's own, as Npgsql reads it: <c>Host=…;Port=…;Username=…;Database=…</c>. Every node reaches it through a proxy of its own.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Of the nodes that are there from the start, oldest first. Default <c>one</c>, <c>two</c>, <c>three</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["one", "two", "three"];

    /// <summary>How long a node that is lost keeps its jobs. Default 3 s: shorter, and a busy machine loses nodes that live.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a node looks for what others did. Default 500 ms.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Assemblies with tasks. Their files are copied for the nodes; name those that they need beside them, too. The kit's own task <c>witness</c> is always there.</summary>
    public IReadOnlyList<Assembly> Tasks { get; init; } = [];

    /// <summary>HOCON that all nodes have in their file: pools, schedules, settings of tasks. Default: 8 routees in each of <c>default</c> and <c>cpu</c>, 64 in <c>io</c>.</summary>
    public string Hocon { get; init; } = """
        akka.actor.deployment {
          /compute/default { router = smallest-mailbox-pool, nr-of-instances = 8 }
          /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 64 }
          /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 8 }
        }
        """;

    /// <summary>Further arguments of the node of a name, such as <c>--node:roles:0 web</c>.</summary>
    public Func<string, IReadOnlyList<string>> Arguments { get; init; } = static _ => [];

    /// <summary>Further environment of the node of a name.</summary>
    public Func<string, IReadOnlyDictionary<string, string>> Environment { get; init; } = static _ => new Dictionary<string, string>();

    /// <summary>How wrong the machine's clock is for the node of a name. Default: not at all.</summary>
    public Func<string, TimeSpan> ClockOffset { get; init; } = static _ => TimeSpan.Zero;

    /// <summary>The program. Default: <c>actorperf</c> beside the test's assembly, else the one on PATH.</summary>
    public string Program { get; init; } = Find();

    private static string Find()
    {
        var name = OperatingSystem.IsWindows() ? "actorperf.exe" : "actorperf";
        var beside = Path.Combine(AppContext.BaseDirectory, name);
        return File.Exists(beside) ? beside : name;
    }
}
