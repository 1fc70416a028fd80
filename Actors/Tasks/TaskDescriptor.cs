using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace ActorPerf.Tasks;

/// <summary>What a node knows of one of its tasks: its name, how it is run, and how its arguments are read.</summary>
public sealed record TaskDescriptor
{
    public required string Name { get; init; }

    public string Summary { get; init; } = "";

    public int Version { get; init; } = 1;

    public string Queue { get; init; } = "default";

    /// <summary>Only the node itself submits it: to everybody else it is unknown.</summary>
    public bool Internal { get; init; }

    /// <summary>Null: not memoised, computed each time.</summary>
    public Memoization? Memoize { get; init; }

    /// <summary>Decides for each call, by its arguments, whether it is remembered; where it says null, <see cref="Memoize"/> counts. Null: always.</summary>
    public Func<ReadOnlyMemory<byte>, Memoization?>? MemoizeCall { get; init; }

    /// <summary>Limit of one attempt; null: none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Attempts of a job, the first included; null: the node's setting.</summary>
    public int? MaxAttempts { get; init; }

    public WhenLost WhenLost { get; init; }

    /// <summary>How long its finished jobs are kept; null: as their queue says, else the node.</summary>
    public RetentionPolicy? Retention { get; init; }

    public RetryPolicy Retry { get; init; } = RetryPolicy.None;

    /// <summary>Members of the arguments whose values nobody is shown, as JSON pointers below the arguments (<c>/password</c>);
    /// <c>*</c> stands for every item of a list and every member of an object (<c>/users/*/password</c>).</summary>
    public IReadOnlyList<string> SecretArgs { get; init; } = [];

    /// <summary>Members of the arguments by which jobs are found without reading every row, as dotted paths (<c>customer.id</c>).</summary>
    public IReadOnlyList<string> SearchArgs { get; init; } = [];

    /// <summary>Media type of the result under <c>GET /jobs/{id}/result</c>; other than JSON the result is a JSON string,
    /// its text or Base64 as <see cref="Tasks.ResultMedia.Of"/> says.</summary>
    public string ResultType { get; init; } = JsonType;

    public const string JsonType = "application/json";

    /// <summary>Null when the result is JSON itself.</summary>
    public ResultMedia? ResultMedia => ResultType == JsonType ? null : Tasks.ResultMedia.Of(ResultType);

    /// <summary>JSON Schema (2020-12) of the arguments; for forms and clients.</summary>
    public required JsonNode ArgsSchema { get; init; }

    /// <summary>Checks arguments and runs attempts.</summary>
    public required ITaskRunner Runner { get; init; }

    /// <summary>The task as it is run with these arguments. A <see cref="MemoizeCall"/> that throws has decided nothing.</summary>
    public TaskDescriptor For(ReadOnlyMemory<byte> args)
    {
        try
        {
            return MemoizeCall?.Invoke(args) is { } memoize ? this with { Memoize = memoize } : this;
        }
#pragma warning disable CA1031 // The code of whoever made the node, given arguments that may not fit.
        catch (Exception)
#pragma warning restore CA1031
        {
            return this;
        }
    }

    /// <summary>As <see cref="ITaskRunner.Check"/>, for those who cannot let a task's own code throw: what a constructor, an <c>init</c> or a rule of the
    /// arguments throws refuses them.</summary>
    internal Refusal? Check(ReadOnlyMemory<byte> args)
    {
        try
        {
            return Runner.Check(args);
        }
#pragma warning disable CA1031 // Whatever the task's code throws says that it does not take these arguments.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return ArgsFaults.Unreadable(Name, fault);
        }
    }

    /// <summary>As <see cref="ITaskRunner.TryCanonicalize"/>, with the refusal of <see cref="Check"/> for what it throws.</summary>
    internal bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, [NotNullWhen(false)] out Refusal? refusal)
    {
        try
        {
            if (Runner.TryCanonicalize(args, out canonical, out refusal)) return true;
            refusal ??= new Refusal("invalid-args", $"The arguments do not fit task '{Name}'.");
        }
#pragma warning disable CA1031 // As in Check.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            (canonical, refusal) = (default, ArgsFaults.Unreadable(Name, fault));
        }
        return false;
    }
}

/// <summary>The part of a task that knows its types; everything else handles bytes.</summary>
public interface ITaskRunner
{
    /// <summary>Checks arguments against the task's type.</summary>
    /// <param name="args">UTF-8 JSON, already well-formed: one value, no duplicate members, depth at most 32.</param>
    /// <returns>Null when they fit; else a refusal <c>invalid-args</c> with pointers below <c>/args</c>.</returns>
    Refusal? Check(ReadOnlyMemory<byte> args);

    /// <summary>Writes the canonical form <c>actorperf-1</c> (docs/formats/canonical-arguments.md) of checked arguments: equal exactly when the
    /// arguments mean the same call. Reads them into the type and writes them back, so defaults and spellings meet; ignored members drop out.</summary>
    /// <returns>False with a refusal when the arguments do not fit.</returns>
    bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal);

    /// <summary>Runs one attempt in a scope of its own and returns the result as UTF-8 JSON.</summary>
    /// <exception cref="Exception">Whatever the task threw, unwrapped; <see cref="OperationCanceledException"/> when it followed the token.</exception>
    ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct);
}

/// <summary>The tasks of this node: what can be submitted and computed.</summary>
public interface ITaskCatalog
{
    /// <summary>In order of name.</summary>
    IReadOnlyList<TaskDescriptor> All { get; }

    bool TryGet(string name, [NotNullWhen(true)] out TaskDescriptor? task);

    /// <summary>The refusal <c>unknown-task</c> for a name, with the nearest known one.</summary>
    Refusal Unknown(string name);
}
