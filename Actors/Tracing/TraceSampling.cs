using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>Says which spans exist for the console: never more than that, so that an exporter's own sampling stays what it is.</summary>
/// <remarks>Answers of several listeners are joined by the greatest. <see cref="ActivitySamplingResult.AllData"/> has a span made and filled; only <see cref="ActivitySamplingResult.AllDataAndRecorded"/>
/// would have exporters send it and callees sample it, and that is never said here.</remarks>
internal static class TraceSampling
{
    internal const string ProbeVersion = "probe";

    /// <summary>Who takes the root that this thread is about to begin.</summary>
    [ThreadStatic]
    private static TraceCollector? _taker;

    [ThreadStatic]
    private static bool _isRoot;

    /// <summary>Sources whose spans tell nothing that ours do not, and whose owners ask whether anybody listens before they work for it.</summary>
    private static readonly string[] Unheard = ["Microsoft.", "System.", "Experimental.", "Npgsql", "OpenTelemetry"];

    /// <summary>Bears the name that exporters listen to, and no collector listens to it: so it says whether anybody else does. Asking the source of spans for one that nobody takes allocates.</summary>
    private static readonly ActivitySource OthersProbe = new(Spans.SourceName, ProbeVersion);

    /// <summary>Whether anybody beside the collectors listens, such as an exporter.</summary>
    public static bool OthersListen => OthersProbe.HasListeners();

    /// <remarks>By name and version, not by which object it is: a listener is asked while sources are being made, before the field that holds one is set.</remarks>
    public static bool ListensTo(ActivitySource source) =>
        source.Name == Spans.SourceName ? source.Version != ProbeVersion : source.Name.Length > 0 && !Array.Exists(Unheard, source.Name.StartsWith);

    /// <param name="taker">Null: no collector takes it.</param>
    public static Activity? Begin(TraceCollector? taker, CallKind kind, ActivityContext context, bool asLink, TraceCollector owner)
    {
        (_taker, _isRoot) = (taker, true);
        try
        {
            IEnumerable<ActivityLink>? links = asLink && context != default ? [new ActivityLink(context)] : null;
            var activityKind = kind == CallKind.Request ? ActivityKind.Server : kind == CallKind.Attempt ? ActivityKind.Consumer : ActivityKind.Client;
            return Spans.Source.StartActivity(kind.Word(), activityKind, asLink ? default : context, null, links, taker is not null && owner.IsVirtual ? owner.Time.GetUtcNow() : default);
        }
        finally
        {
            (_taker, _isRoot) = (null, false);
        }
    }

    public static ActivitySamplingResult Sample(TraceCollector collector) =>
        (_isRoot ? _taker : TraceRecord.Of(Activity.Current)?.Owner) == collector ? ActivitySamplingResult.AllData : ActivitySamplingResult.None;
}
