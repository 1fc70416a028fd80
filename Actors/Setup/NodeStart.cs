using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Data.Demo;
using ActorPerf.Load;
using ActorPerf.Storage;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>What a node is started from.</summary>
public sealed record NodeStart
{
    public required ActorPerfOptions Options { get; init; }

    /// <summary>The whole configuration; the actor system and the pools read their settings under <c>akka</c>.</summary>
    public required IConfiguration Configuration { get; init; }

    public required ITaskCatalog Tasks { get; init; }

    /// <summary>Kinds of entities whose indexes are to be there.</summary>
    public IReadOnlyList<EntityKind> Kinds { get; init; } = [];

    /// <summary>Load tests of classes.</summary>
    public IReadOnlyList<LoadScenario> Scenarios { get; init; } = [];

    public required ILoggerFactory Logs { get; init; }

    /// <summary>Where its API listens, for the member row.</summary>
    public string Address { get; init; } = "";

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>This node's hold on a database that nodes of the process share; the node disposes it. Null: it opens one for itself.</summary>
    public INodeStorage? Storage { get; init; }

    /// <summary>Counts what demonstrations read.</summary>
    internal DemoMeter Demo { get; init; } = new();

    /// <summary>Counts and traces attempts of jobs; null: nobody does. Whoever made it disposes it.</summary>
    public TraceCollector? Traces { get; init; }

    /// <summary>A system that the host has started; the node stops it with itself. Null: the node starts its own.</summary>
    public ActorSystem? System { get; init; }

    /// <summary>Of the jitter of retries.</summary>
    public int Seed { get; init; } = Environment.TickCount;

    /// <summary>Told once when all front doors stand, and before anything runs that could ask for one: jobs from an earlier life, schedules, what is warmed.</summary>
    public Action<NodeRuntime> Stands { get; init; } = static _ => { };

    /// <summary>Told once when acknowledged work may be gone: end the process with exit code 74.</summary>
    public Action<Exception> Fatal { get; init; } = _ => { };
}
