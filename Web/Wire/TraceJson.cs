using System.Text.Json;
using ActorPerf.Tracing;

namespace ActorPerf.Web.Wire;

/// <summary>Traces on the wire. Times are seconds; moments inside a trace count from its start.</summary>
internal static class TraceJson
{
    public static void Write(Utf8JsonWriter json, TraceSummary line)
    {
        json.WriteStartObject();
        Members(json, line);
        json.WriteNumber(N.Findings, line.Findings);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Trace trace)
    {
        json.WriteStartObject();
        Members(json, trace.Summary);
        Each(json, N.Findings, trace.Findings, Write);
        Each(json, N.Spans, trace.Spans, Write);
        json.WriteNumber(N.Dropped, trace.Dropped);
        json.WriteSeconds(N.OwnCost, trace.OwnCost);
        Each(json, N.Kinds, trace.Kinds, Write);
        Each(json, N.Links, trace.Links, static (writer, link) =>
        {
            writer.WriteStartObject();
            writer.WriteString(N.TraceId, link.TraceId);
            writer.WriteString(N.SpanId, link.SpanId);
            writer.WriteEndObject();
        });
        Each(json, N.Related, trace.Related, Write);
        json.WriteEndObject();
    }

    public static void WriteStats(Utf8JsonWriter json, bool on, TraceTotals totals, IReadOnlyList<FindingTotal> findings, TracingCost cost)
    {
        json.WriteStartObject();
        json.WriteBoolean(N.On, on);
        json.WriteTime(N.Since, totals.Since);
        Each(json, N.Routes, totals.Routes, Write);
        Each(json, N.Kinds, totals.Kinds, Write);
        Each(json, N.Findings, findings, Write);
        json.WritePropertyName(N.Cost);
        Write(json, cost);
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, TraceSummary line)
    {
        json.WriteString(N.Id, line.Id);
        json.WriteString(N.TraceId, line.TraceId);
        json.WriteString(N.Namespace, line.Namespace);
        json.WriteString(N.Route, line.Route);
        json.WriteString(N.Kind, line.Kind.Word());
        json.WriteText(N.Title, line.Title);
        json.WriteText(N.Job, line.Job);
        json.WriteTime(N.StartedAt, line.StartedAt);
        json.WriteSeconds(N.Duration, line.Duration);
        if (line.Status is { } status) json.WriteNumber(N.Status, status);
        else json.WriteNull(N.Status);
        json.WriteText(N.Error, line.Error);
        json.WriteNumber(N.Calls, line.Calls);
    }

    private static void Write(Utf8JsonWriter json, TraceSpan span)
    {
        json.WriteStartObject();
        json.WriteString(N.Id, span.Id);
        json.WriteText(N.Parent, span.Parent);
        json.WriteNumber(N.Depth, span.Depth);
        json.WriteString(N.Kind, span.Kind.Word());
        json.WriteString(N.Name, span.Name);
        json.WriteSeconds(N.Start, span.Start);
        json.WriteSeconds(N.Duration, span.Duration);
        json.WriteBoolean(N.Open, span.IsOpen);
        json.WriteText(N.Error, span.Error);
        json.WriteText(N.CallSite, span.CallSite);
        json.WriteText(N.Target, span.Target);
        json.WriteStartObject(N.Tags);
        foreach (var (name, value) in span.Tags) json.WriteString(name, value);
        json.WriteEndObject();
        if (span.Batch is { } batch) json.WriteNumber(N.Batch, batch);
        else json.WriteNull(N.Batch);
        if (span.Shared is { } shared) Write(json, shared);
        else json.WriteNull(N.Shared);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SharedSpan shared)
    {
        json.WriteStartObject(N.Shared);
        json.WriteNumber(N.Calls, shared.Calls);
        Each(json, N.Others, shared.Others, static (writer, id) => writer.WriteStringValue(id));
        json.WriteNumber(N.Keys, shared.Keys);
        json.WriteNumber(N.OwnKeys, shared.OwnKeys);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString(N.Sort, finding.Sort.Word());
        json.WriteString(N.Message, finding.Message);
        json.WriteText(N.CallSite, finding.CallSite);
        json.WriteNumber(N.Count, finding.Count);
        json.WriteSeconds(N.Saving, finding.Saving);
        Each(json, N.Spans, finding.Spans, static (writer, id) => writer.WriteStringValue(id));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FindingTotal total)
    {
        json.WriteStartObject();
        json.WriteString(N.Sort, total.Sort.Word());
        json.WriteString(N.Namespace, total.Namespace);
        json.WriteString(N.Route, total.Route);
        json.WriteText(N.CallSite, total.CallSite);
        json.WriteNumber(N.Traces, total.Traces);
        json.WriteSeconds(N.Saving, total.Saving);
        json.WriteString(N.Message, total.Example.Message);
        json.WriteString(N.ExampleTrace, total.ExampleTrace);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RouteTotals route)
    {
        json.WriteStartObject();
        json.WriteString(N.Namespace, route.Namespace);
        json.WriteString(N.Route, route.Route);
        json.WriteString(N.Kind, route.Kind.Word());
        json.WriteNumber(N.Requests, route.Requests);
        json.WriteNumber(N.Errors, route.Errors);
        json.WriteNumber(N.Traced, route.Traced);
        Write(json, route.Latency);
        Each(json, N.Calls, route.Calls, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, KindTotals kind)
    {
        json.WriteStartObject();
        json.WriteString(N.Kind, kind.Kind.Word());
        json.WriteText(N.Target, kind.Target);
        json.WriteText(N.Route, kind.Route);
        json.WriteNumber(N.Calls, kind.Calls);
        json.WriteNumber(N.Errors, kind.Errors);
        json.WriteNumber(N.Traces, kind.Traces);
        json.WriteSeconds(N.Total, kind.Total);
        Write(json, kind.Latency);
        Each(json, N.Routes, kind.Routes, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Latency latency)
    {
        json.WriteStartObject(N.Latency);
        json.WriteSeconds(N.Mean, latency.Mean);
        json.WriteSeconds(N.Max, latency.Max);
        json.WriteSeconds(N.P50, latency.P50);
        json.WriteSeconds(N.P90, latency.P90);
        json.WriteSeconds(N.P95, latency.P95);
        json.WriteSeconds(N.P99, latency.P99);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TracingCost cost)
    {
        json.WriteStartObject();
        json.WriteNumber(N.Requests, cost.Requests);
        json.WriteNumber(N.Traced, cost.Traced);
        json.WriteNumber(N.Spans, cost.Spans);
        json.WriteNumber(N.Dropped, cost.Dropped);
        json.WriteSeconds(N.Time, cost.Time);
        // A span costs less than a microsecond at times: to 100 ns, as far as a duration goes.
        json.WriteSeconds(N.PerSpan, cost.PerSpan, precision: 1);
        json.WriteNumber(N.ShareOfProcessor, Math.Round(cost.ShareOfProcessor, 6));
        json.WriteNumber(N.Traces, cost.Traces);
        json.WriteNumber(N.Bytes, cost.Bytes);
        json.WriteNumber(N.MaxBytes, cost.MaxBytes);
        json.WriteNumber(N.Evicted, cost.Evicted);
        json.WriteEndObject();
    }

    private static void Each<T>(Utf8JsonWriter json, JsonEncodedText name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(json, item);
        json.WriteEndArray();
    }
}
