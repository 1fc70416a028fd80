using ActorPerf.Compute;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>A flight's own context: hands progress and log lines to all attempts that joined it.</summary>
/// <param name="secrets">Values of the arguments that the flight runs with. Who joins may have other ones, so what is told is told without these.</param>
internal sealed class FlightContext(Namespace ns, string task, TaskContext? starter, string? traceParent = null, IReadOnlyList<string>? secrets = null) : TaskContext
{
    private volatile TaskContext[] _joined = starter is null ? [] : [starter];
    private volatile bool _shared;
    private volatile Report? _latest;
    private DateTimeOffset? _deadline;

    /// <summary>Of the job that started the flight, until others joined.</summary>
    public override Guid? JobId => _shared ? null : starter?.JobId;

    public override DateTimeOffset? Deadline => _deadline;
    public override int Attempt { get; } = starter?.Attempt ?? 1;
    public override Namespace Namespace { get; } = ns;
    public override string Task { get; } = task;
    public override string? TraceParent { get; } = starter?.TraceParent ?? traceParent;
    public override ReadOnlyMemory<byte>? Checkpoint { get; } = starter?.Checkpoint;
    public override IReadOnlyList<ChildOutcome> Children { get; } = starter?.Children ?? [];

    /// <summary>Before the task runs. The deadline of a job that started it is that job's own: others may wait longer.</summary>
    public void BeginTime(DateTimeOffset deadline) => _deadline = deadline;

    /// <summary>Somebody without a context joined.</summary>
    public void Share() => _shared = true;

    /// <summary>Adds an attempt; it hears the newest progress at once. From the shard.</summary>
    public void Join(TaskContext context)
    {
        _shared = true;
        _joined = [.. _joined, context];
        if (_latest is { } latest) context.Progress(latest.Percent, latest.Message, latest.Data);
    }

    /// <summary>From the shard.</summary>
    public void Leave(TaskContext context) => _joined = [.. _joined.Where(other => other != context)];

    /// <summary>How the flight ended, as anybody may be told.</summary>
    public AttemptOutcome Shown(AttemptOutcome outcome) =>
        outcome is AttemptOutcome.Failed failed && secrets is { Count: > 0 } ? new AttemptOutcome.Failed(SecretMask.Scrub(failed.Error, secrets)) : outcome;

    public override void Progress(double percent, string? message = null, ReadOnlyMemory<byte> data = default)
    {
        if (secrets is { Count: > 0 })
        {
            if (message is not null) message = SecretMask.Scrub(message, secrets);
            if (!data.IsEmpty) data = SecretMask.ScrubJson(data.Span, secrets);
        }
        _latest = new Report(percent, message, data);
        foreach (var context in _joined) context.Progress(percent, message, data);
    }

    public override void SaveCheckpoint(ReadOnlyMemory<byte> json)
    {
        foreach (var context in _joined) context.SaveCheckpoint(json);
    }

    public override void Log(string line, LogLevel level = LogLevel.Information)
    {
        if (secrets is { Count: > 0 }) line = SecretMask.Scrub(line, secrets);
        foreach (var context in _joined) context.Log(line, level);
    }

    private sealed record Report(double Percent, string? Message, ReadOnlyMemory<byte> Data);
}
