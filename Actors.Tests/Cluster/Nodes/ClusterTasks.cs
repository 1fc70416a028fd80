using System.Collections.Concurrent;
using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Cluster.Nodes;

/// <summary>Tasks whose runs a test can see, on whichever node of the process.</summary>
internal static class ClusterTasks
{
    private static readonly ConcurrentDictionary<string, Watch> Watches = new();

    public static void Register(IServiceCollection services)
    {
        foreach (var task in (Type[])[typeof(WatchedTask), typeof(StuckOnceTask), typeof(HeldTask)])
        {
            services.AddSingleton(TaskRegistration.From(task));
            services.AddScoped(task);
        }
    }

    public static Watch Of(string key) => Watches.GetOrAdd(key, _ => new Watch());

    internal sealed class Watch
    {
        private int _now;
        private int _most;

        /// <summary>Runs at the same time, at most.</summary>
        public int Most => Volatile.Read(ref _most);

        /// <summary>Completes when a run has begun.</summary>
        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a run was told to stop.</summary>
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The test completes it: runs that are held end.</summary>
        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Enter()
        {
            var now = Interlocked.Increment(ref _now);
            for (var most = Most; now > most && Interlocked.CompareExchange(ref _most, now, most) != most; most = Most)
            {
            }
            Began.TrySetResult();
        }

        public void Leave() => Interlocked.Decrement(ref _now);
    }

    internal sealed record WatchedArgs(string Key, int Ms = 0);

    /// <summary>Runs for a while, and is counted.</summary>
    [ComputeTask("watched")]
    internal sealed class WatchedTask(TimeProvider time) : IComputeTask<WatchedArgs, int>
    {
        public async ValueTask<int> RunAsync(WatchedArgs args, TaskContext context, CancellationToken ct)
        {
            var watch = Of(args.Key);
            watch.Enter();
            await using var told = ct.Register(() => watch.Stopped.TrySetResult());
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(args.Ms), time, ct);
                return context.Attempt;
            }
            finally
            {
                watch.Leave();
            }
        }
    }

    /// <summary>Runs until the test releases it, and is counted.</summary>
    [ComputeTask("held")]
    internal sealed class HeldTask : IComputeTask<WatchedArgs, int>
    {
        public async ValueTask<int> RunAsync(WatchedArgs args, TaskContext context, CancellationToken ct)
        {
            var watch = Of(args.Key);
            watch.Enter();
            try
            {
                await watch.Released.Task.WaitAsync(ct);
                return context.Attempt;
            }
            finally
            {
                watch.Leave();
            }
        }
    }

    /// <summary>Its first attempt runs until it is told to stop; any other ends at once with its number.</summary>
    [ComputeTask("stuck-once")]
    internal sealed class StuckOnceTask(TimeProvider time) : IComputeTask<WatchedArgs, int>
    {
        public async ValueTask<int> RunAsync(WatchedArgs args, TaskContext context, CancellationToken ct)
        {
            if (context.Attempt > 1) return context.Attempt;
            var watch = Of(args.Key);
            watch.Enter();
            await using var told = ct.Register(() => watch.Stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ct);
            return 1;
        }
    }
}
