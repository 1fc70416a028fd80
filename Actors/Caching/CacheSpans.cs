using System.Diagnostics;
using ActorPerf.Tracing;

namespace ActorPerf.Caching;

/// <summary>The span of a call of the cache.</summary>
internal static class CacheSpans
{
    public static async ValueTask<ComputeOutcome> AroundAsync(string task, Func<ValueTask<ComputeOutcome>> call)
    {
        var span = Spans.Enter(CallKind.Cache, task);
        try
        {
            var outcome = await call();
            End(span, outcome);
            return outcome;
        }
        catch (Exception fault)
        {
            Spans.End(span, fault);
            throw;
        }
    }

    public static void End(Activity? span, ComputeOutcome outcome)
    {
        if (span is null) return;
        span.SetTag(SpanTags.Outcome, outcome switch
        {
            ComputeOutcome.Found found => Word(found.Source),
            ComputeOutcome.Failed => "failed",
            _ => "refused",
        });
        Spans.End(span, outcome switch
        {
            ComputeOutcome.Failed failed => failed.Error.Type,
            ComputeOutcome.Refused refused => refused.Refusal.Code,
            _ => null,
        });
    }

    private static string Word(CacheSource source) => source switch
    {
        CacheSource.Hit => "hit",
        CacheSource.Stale => "stale",
        CacheSource.Miss => "miss",
        CacheSource.Collapsed => "joined",
        _ => "bypass",
    };
}
