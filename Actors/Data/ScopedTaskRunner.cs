using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Runs each attempt of a task in a scope of its own, of the caller's namespace and with the attempt's deadline. What the task wrote without awaiting it is awaited before its result counts,
/// and a write that failed unseen fails the attempt.</summary>
/// <param name="data">Asked when the first attempt runs: tasks are known before their node has started.</param>
internal sealed class ScopedTaskRunner(ITaskRunner inner, Func<IData> data) : ITaskRunner
{
    public Refusal? Check(ReadOnlyMemory<byte> args) => inner.Check(args);

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal) => inner.TryCanonicalize(args, out canonical, out refusal);

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        var scope = data().BeginScope(new ScopeSettings { Namespace = context.Namespace, Deadline = context.Deadline });
        ReadOnlyMemory<byte> result;
        try
        {
            result = await inner.RunAsync(args, context, ct);
        }
        catch (Exception)
        {
            await scope.LeaveAfterFailureAsync();
            throw;
        }
        await scope.DisposeAsync();
        return result;
    }
}
