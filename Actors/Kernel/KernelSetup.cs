using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>What a system is given beside its configuration. An extension of the kernel that Akka.NET lacks:
/// for <c>Setup/</c>, the TestKit and the kernel's own tests, and for nobody else.</summary>
internal sealed record KernelSetup
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory? Logs { get; init; }

    /// <summary>Replaces the scheduler: virtual time.</summary>
    public Func<TimeProvider, IScheduler>? Scheduler { get; init; }

    /// <summary>Runs every actor, whatever dispatcher it names: a simulation.</summary>
    public MessageDispatcher? Dispatcher { get; init; }

    /// <summary>Chance inside the kernel: the jitter of back-offs.</summary>
    public Random Random { get; init; } = new();
}
