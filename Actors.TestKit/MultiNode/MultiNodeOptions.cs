using ActorPerf.Setup;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>What a cluster of a test is made of.</summary>
public sealed record MultiNodeOptions
{
    /// <summary>Of the nodes that are there from the start, oldest first. Default <c>one</c>, <c>two</c>, <c>three</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["one", "two", "three"];

    /// <summary>A folder for a SQLite file; null: the database is in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>How long a node that is lost keeps its jobs. Default 1 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a node looks for what others did. Default 100 ms.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether nodes hear of each other's commits at once; else every <see cref="Poll"/>. Default true.</summary>
    public bool Hints { get; init; } = true;

    /// <summary>Size of each pool of each node. Default 4.</summary>
    public int Routees { get; init; } = 4;

    /// <summary>Adds tasks and what they need: <c>services.AddTasks(typeof(MyTask).Assembly)</c>.</summary>
    public Action<IServiceCollection> Services { get; init; } = static _ => { };

    /// <summary>Changes the options of the node of a name, such as its roles or queues.</summary>
    public Action<string, ActorPerfOptions> Configure { get; init; } = static (_, _) => { };
}
