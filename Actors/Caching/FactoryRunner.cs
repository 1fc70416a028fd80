using System.Text.Json.Nodes;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>A user's own code as a task for one flight.</summary>
internal sealed class FactoryRunner(Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory) : ITaskRunner
{
    private static readonly JsonObject AnyArgs = [];

    public static TaskDescriptor Describe(CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions options) => new()
    {
        Name = key.Task,
        Queue = options.Queue,
        Memoize = options.Memoize,
        Timeout = options.Timeout,
        ArgsSchema = AnyArgs,
        Runner = new FactoryRunner(factory),
    };

    public Refusal? Check(ReadOnlyMemory<byte> args) => null;

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
    {
        (canonical, refusal) = (args, null);
        return true;
    }

    public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => factory(context, ct);
}
