using System.ComponentModel.DataAnnotations;
using ActorPerf.Configuration;

namespace ActorPerf.Compute;

/// <summary>Knobs of the pools of compute actors.</summary>
public sealed record ComputeOptions
{
    /// <summary>Routees of a pool that <c>akka.actor.deployment</c> does not mention.</summary>
    public const int DefaultRoutees = 4;

    /// <summary>Synchronous computations that may wait for a permit, per queue. Default 10,000; 0 to 1,000,000.</summary>
    [Range(0, 1_000_000)]
    public int MaxWaiting { get; init; } = 10_000;

    /// <summary>Share of a pool's routees that jobs never take. Default a quarter (rounded down); 0 to 0.9.</summary>
    [Range(0.0, 0.9)]
    public double ReserveForCompute { get; init; } = 0.25;

    /// <summary>Runs that were given up and still hold their routee, per queue; at the bound jobs get no more permits. Default 8; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int MaxAbandoned { get; init; } = 8;

    /// <summary>Largest result of a task in bytes. Default 4 MiB; 1 KiB to 64 MiB.</summary>
    [ByteSize, Range(1024, 64 * 1024 * 1024)]
    public int MaxResultBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>When a caller that found the line full may ask again. Default 1 s; 1 s to 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan BusyRetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}
