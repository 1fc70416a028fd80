using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Cluster;

/// <summary>Settings under <c>actorperf.node</c>.</summary>
public sealed class NodeOptions
{
    /// <summary>The node's name; unique among the nodes of a database. Default <c>node-1</c>; 1 to 64 of <c>a-z 0-9 . _ -</c>.</summary>
    [RegularExpression("^[a-z0-9][a-z0-9._-]{0,63}$")]
    public string Name { get; set; } = "node-1";

    /// <summary>Nodes in this process, over one database: named like this one with a number behind, on ports that follow its own. Default 1; 1 to 16. <c>--nodes N</c> says the same.</summary>
    [Range(1, 16)]
    public int Count { get; set; } = 1;

    /// <summary>What it does: <c>web</c>, <c>compute</c>. Default both.</summary>
    public IList<string> Roles { get; set; } = ["web", "compute"];
}

/// <summary>Settings under <c>actorperf.cluster</c>. They matter where nodes share a database server; on SQLite the file's lock takes their place.</summary>
public sealed class ClusterOptions
{
    /// <summary>Time a node has to renew before its runs are given to others. Default 30 s; 1 s to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a node looks for what others did. Default 1 s; 10 ms to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A transaction of whichever program that has been open in the database for longer is told of in log and health. Default 5 min; 1 s to 1 d.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongTransaction { get; set; } = TimeSpan.FromMinutes(5);
}
