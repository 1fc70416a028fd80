using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tasks;

/// <summary>Reads the arguments of one task, runs its attempts, writes its results.</summary>
/// <param name="name">The task's name, for messages.</param>
/// <param name="scopes">Where instances of the task come from: one scope per attempt.</param>
/// <exception cref="NotSupportedException">The arguments or the result are of a type that cannot be read or written as JSON.</exception>
internal sealed class TaskRunner<TTask, TArgs, TResult>(string name, IServiceScopeFactory scopes) : ITaskRunner, IDescribesArgs
    where TTask : class, IComputeTask<TArgs, TResult>
{
    private readonly JsonTypeInfo<TArgs> _args = Type<TArgs>(TaskJson.Options);
    private readonly JsonTypeInfo<TArgs> _key = Type<TArgs>(TaskJson.Canonical);
    private readonly JsonTypeInfo<TResult> _result = Type<TResult>(TaskJson.Options);
    private readonly KnownSpellings _known = new();
    private readonly ArgsLimits _limits = ArgsLimits.Of(Type<TArgs>(TaskJson.Options));

    public JsonNode Schema => ArgsSchema.Of(_args);

    public IReadOnlyList<string> Secrets => SecretMembers.Of(_args);

    public Refusal? Check(ReadOnlyMemory<byte> args) => TryRead(args, out _, out var refusal) ? null : refusal;

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        if (_known.TryGet(args.Span, out canonical)) return true;
        if (!TryRead(args, out var read, out refusal)) return false;
        if (!ArgsKey.TryWrite(read, _key, out var key))
        {
            refusal = ArgsFaults.Refuse(name, [new FieldFault("/args", "holds a number or text that has no canonical form; use finite numbers and whole characters")]);
            return false;
        }
        canonical = key;
        _known.Keep(args.Span, key);
        return true;
    }

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        if (!TryRead(args, out var read, out var refusal)) throw new TaskFaultException("invalid-args", refusal.Detail);
        await using var scope = scopes.CreateAsyncScope();
        var result = await scope.ServiceProvider.GetRequiredService<TTask>().RunAsync(read, context, ct);
        return Write(result);
    }

    private bool TryRead(ReadOnlyMemory<byte> json, [MaybeNullWhen(false)] out TArgs args, [NotNullWhen(false)] out Refusal? refusal)
    {
        try
        {
            args = JsonSerializer.Deserialize(json.Span, _args);
            var faults = args is null ? [new FieldFault("/args", "must not be null")] : _limits.Check(args);
            refusal = faults.Count > 0 ? ArgsFaults.Refuse(name, faults) : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            (args, refusal) = (default, ArgsFaults.Refuse(name, ArgsFaults.Explain(_args, json, exception)));
        }
        return refusal is null && args is not null;
    }

    private byte[] Write(TResult result)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(result, _result);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            throw new TaskFaultException("bad-result", $"The result of task '{name}' cannot be written as JSON: {exception.Message}");
        }
    }

    private static JsonTypeInfo<T> Type<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}

/// <summary>A runner that can say what its arguments look like.</summary>
internal interface IDescribesArgs
{
    /// <summary>JSON Schema (2020-12).</summary>
    JsonNode Schema { get; }

    /// <summary>As of <see cref="TaskDescriptor.SecretArgs"/>.</summary>
    IReadOnlyList<string> Secrets { get; }
}
