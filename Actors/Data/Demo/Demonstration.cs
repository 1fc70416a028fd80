using System.Runtime.CompilerServices;
using ActorPerf.Tasks;

namespace ActorPerf.Data.Demo;

/// <summary>What all demonstrations share: they run in the namespace <c>demo</c>, one at a time, and answer with their time and their statements.</summary>
public abstract class Demonstration(IData data, DemoMeter meter, TimeProvider time)
{
    private protected IData Data { get; } = data;

    private protected TimeProvider Time { get; } = time;

    private protected async ValueTask<DemoAnswer> MeasureAsync(TaskContext context, Func<Task<string>> demonstration, CancellationToken ct)
    {
        Check(context);
        return await meter.MeasureAsync(Time, demonstration, ct);
    }

    /// <exception cref="NonRetryableException">The call is of another namespace.</exception>
    private protected static void Check(TaskContext context)
    {
        if (context.Namespace != DemoWorld.Namespace)
            throw new NonRetryableException($"The demonstration works in the namespace '{DemoWorld.Namespace}', and the call is of '{context.Namespace}'. Send the header ActorPerf-Namespace: demo (--namespace demo).");
    }

    /// <summary>The first page of a kind, read into its type.</summary>
    private protected async Task<IReadOnlyList<T>> PageAsync<T>(EntityKind<T> kind, int limit, CancellationToken ct, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        var page = await Data.QueryPageAsync(new EntityQuery(DemoWorld.Namespace, kind.Name) { Limit = limit }, ct, file, line, member);
        return page.Items.Count > 0
            ? [.. page.Items.Select(entity => System.Text.Json.JsonSerializer.Deserialize(entity.Data.Span, kind.Json)!)]
            : throw new NonRetryableException("The demonstration's data is not there. Load it: actorperf demo load");
    }

    private protected async Task<T> GetAsync<T>(EntityKind<T> kind, int id, CancellationToken ct, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "") =>
        await Data.GetAsync(kind, id, ct, file, line, member) is { } found ? found.Value : throw new NonRetryableException("The demonstration's data is not there. Load it: actorperf demo load");
}
