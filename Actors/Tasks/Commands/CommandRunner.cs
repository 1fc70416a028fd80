using System.Diagnostics.CodeAnalysis;
using ActorPerf.Tracing;

namespace ActorPerf.Tasks.Commands;

/// <summary>Runs a call of a command task.</summary>
/// <param name="args">UTF-8 JSON, checked.</param>
internal delegate Task<ReadOnlyMemory<byte>> CommandCall(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct);

/// <summary>A command as a task: reads its arguments by their schema, and runs calls as processes.</summary>
internal sealed class CommandRunner(CommandDefinition definition, CommandCall call) : ITaskRunner
{
    public Refusal? Check(ReadOnlyMemory<byte> args) =>
        definition.Args?.Check(args) is { Count: > 0 } faults ? ArgsFaults.Refuse(definition.Task, faults) : null;

    public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, [NotNullWhen(false)] out Refusal? refusal)
    {
        canonical = default;
        refusal = Check(args);
        if (refusal is not null) return false;
        if (CanonicalJson.TryWrite(args.Span, out var key))
        {
            canonical = key;
            return true;
        }
        refusal = ArgsFaults.Refuse(definition.Task, [new FieldFault("/args", "holds a number or text that has no canonical form; use finite numbers and whole characters")]);
        return false;
    }

    public async ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        if (Check(args) is { } refusal) throw new TaskFaultException("invalid-args", refusal.Detail);
        var span = Spans.Enter(CallKind.Command, definition.Task);
        Exception? failure = null;
        try
        {
            return await call(args, context, ct);
        }
        catch (ChildStartException fault)
        {
            failure = fault;
            throw new TaskFailedException(fault.Error);
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }
}
