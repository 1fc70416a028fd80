using ActorPerf.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests;

/// <summary>Things that many tests need one of.</summary>
internal static partial class A
{
    /// <summary>The descriptor of a task's class, with services of its own.</summary>
    public static TaskDescriptor Task<TTask>(TimeProvider? time = null, Action<IServiceCollection>? configure = null)
        where TTask : class => Task(typeof(TTask), time, configure);

    public static TaskDescriptor Task(Type type, TimeProvider? time = null, Action<IServiceCollection>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddScoped(type);
        configure?.Invoke(services);
        return TaskRegistration.From(type).Describe(null, services.BuildServiceProvider().GetRequiredService<IServiceScopeFactory>());
    }

    public static AttemptContext Context(string task, int attempt = 1, TimeProvider? time = null, IAttemptObserver? observer = null) =>
        new(null, attempt, Namespace.Default, task, time ?? TimeProvider.System, observer);
}

/// <summary>A task whose code is a lambda.</summary>
internal sealed class LambdaRunner(Func<ReadOnlyMemory<byte>, TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> run) : ITaskRunner
{
    public Refusal? Check(ReadOnlyMemory<byte> args) => null;

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
    {
        var read = CanonicalJson.TryWrite(args.Span, out var written);
        canonical = written;
        refusal = read ? null : Refusal.Invalid("invalid-args", "no JSON");
        return read;
    }

    public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => run(args, context, ct);
}

internal static partial class A
{
    public static TaskDescriptor Lambda(
        Func<TaskContext, CancellationToken, Task<string>> run, string name = "lambda", string queue = "default", Memoization? memoize = null) => new()
    {
        Name = name,
        Queue = queue,
        Memoize = memoize,
        ArgsSchema = new System.Text.Json.Nodes.JsonObject(),
        Runner = new LambdaRunner(async (_, context, ct) => System.Text.Encoding.UTF8.GetBytes(await run(context, ct))),
    };

    public static ActorPerf.Compute.Attempt Attempt(TaskDescriptor task, object ticket, string args = "{}", CancellationToken ct = default) =>
        new(task, System.Text.Encoding.UTF8.GetBytes(args), Context(task.Name), ticket, ct);
}
