using System.Diagnostics;
using ActorPerf.Tracing;

namespace ActorPerf.Jobs;

/// <summary>An attempt as a trace of its own, linked to the request that submitted its job: from the claim until its outcome is durable. The tracker's alone.</summary>
internal sealed class AttemptSpan
{
    private readonly RouteMeter _meter;
    private readonly Job _job;
    private readonly long _began;
    private Activity? _commit;
    private string? _error;
    private bool _ended;

    private AttemptSpan(RouteMeter meter, Job job)
    {
        (_meter, _job, _began) = (meter, job, meter.Timestamp);
        var around = Activity.Current;
        Root = meter.Start(job.Row.TraceParent, asLink: true);
        Activity.Current = around;
        Root?.SetTag(SpanTags.Attempt, job.Row.Attempt);
    }

    /// <summary>Null: it is counted only.</summary>
    public Activity? Root { get; }

    /// <summary>Null where nobody counts.</summary>
    public static AttemptSpan? Begin(RouteMeter? meter, Job job) => meter is null ? null : new AttemptSpan(meter, job);

    /// <summary>The run is over, and what it came to is on its way to the store.</summary>
    public void Concluded(JobCommand command)
    {
        _error = (command as JobCommand.Fail)?.Error.Type;
        if (Root is null) return;
        Root.SetTag(SpanTags.State, command.GetType().Name);
        _commit ??= Spans.BeginBelow(Root, CallKind.Commit);
    }

    /// <summary>The store has said what became of it. Repeats are harmless.</summary>
    public void End()
    {
        if (_ended) return;
        _ended = true;
        var ns = _job.Row.Namespace.Name;
        if (Root is null)
        {
            _meter.Count(ns, _began, _error is not null);
            return;
        }
        Spans.End(_commit);
        _meter.End(Root, ns, null, _error, _job.Row.Task, _job.Row.Id.ToString());
    }
}
