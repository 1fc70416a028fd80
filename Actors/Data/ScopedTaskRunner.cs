using ActorPerf.Tasks;

namespace ActorPerf.Data;

/// <summary>Runs each attempt of a task in a scope of its own, of the caller's namespace, whose deadline is the attempt's and a while later. What the task wrote without awaiting it is awaited before its result counts,
/// and a write that failed unseen fails the attempt.</summary>
/// <param name="data">Asked when the first attempt runs: tasks are known before their node has started.</param>
internal sealed class ScopedTaskRunner(ITaskRunner inner, Func<IData> data) : ITaskRunner
{
    /// <summary>An attempt whose time is over is told so by its token, and may still store what it has: as long as code may take to follow its token (<c>JobTracker.Grace</c>).</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    public Refusal? Check(ReadOnlyMemory<byte> args) => inner.Check(args);

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal) => inner.TryCanonicalize(args, out canonical, out refusal);

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        var scope = data().BeginScope(new ScopeSettings { Namespace = context.Namespace, Deadline = context.Deadline + Grace });
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
