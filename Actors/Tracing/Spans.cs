using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace ActorPerf.Tracing;

/// <summary>Begins and ends the spans of this program. <see cref="Activity"/> is the only source: the console and every exporter read the same ones.</summary>
/// <remarks>A span is begun only inside another one, so where nobody traces the code that runs, asking costs a look at <see cref="Activity.Current"/> and nothing is allocated.
/// Names and tags follow OpenTelemetry's conventions where there are some, and say nothing of keys or parameters.</remarks>
public static class Spans
{
    /// <summary>What a host names to its exporter: <c>AddSource("ActorPerf")</c>.</summary>
    public const string SourceName = "ActorPerf";

    public static ActivitySource Source { get; } = new(
        SourceName, typeof(Spans).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);

    private static readonly ConcurrentDictionary<string, string> ShortFiles = new(StringComparer.Ordinal);

    /// <summary>Whether the code that runs belongs to a trace.</summary>
    public static bool IsTraced => Activity.Current is { Source.Name.Length: > 0 };

    /// <summary>Whether it belongs to one in which somebody wants to see our spans. Where nobody listens at all it costs a look at one field.</summary>
    public static bool IsRecorded => Source.HasListeners() && IsTraced;

    /// <summary>Begins a call that goes on beside its caller: the caller's span stays the current one.</summary>
    /// <param name="target">What it is about: a kind of entity, a task, a host.</param>
    /// <param name="file">Of the caller (<c>[CallerFilePath]</c>); empty where it is not known.</param>
    /// <param name="member">Its method or property (<c>[CallerMemberName]</c>); empty likewise.</param>
    /// <returns>Null where nobody traces; to be given to <see cref="End(Activity?, string?)"/> either way.</returns>
    public static Activity? Begin(CallKind kind, string? target = null, string file = "", int line = 0, string member = "")
    {
        if (Activity.Current is not { } around || around.Source.Name.Length == 0) return null;
        var span = Start(kind, target, around, file, line, member);
        if (span is not null) Activity.Current = around;
        return span;
    }

    /// <summary>Begins a call whose own code makes further ones: it is the current one until the asynchronous method that called this has ended.</summary>
    public static Activity? Enter(CallKind kind, string? target = null, string file = "", int line = 0, string member = "") =>
        Activity.Current is { } around && around.Source.Name.Length > 0 ? Start(kind, target, around, file, line, member) : null;

    /// <summary>Begins a span below one that belongs to other code; the current one stays as it is.</summary>
    /// <param name="startedAt">When it began, if that was before now.</param>
    public static Activity? BeginBelow(Activity above, CallKind kind, string? target = null, DateTimeOffset startedAt = default)
    {
        ArgumentNullException.ThrowIfNull(above);
        var before = Activity.Current;
        Activity.Current = above;
        var span = Start(kind, target, above, "", 0, "", startedAt);
        Activity.Current = before;
        return span;
    }

    /// <summary>Ends a span; repeats are harmless. The current one is then what it was, or the one around where it was this one.</summary>
    /// <param name="error">An error type or code; null: it went well.</param>
    public static void End(Activity? span, string? error = null)
    {
        if (span is null || span.IsStopped) return;
        if (error is not null)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag(SpanTags.Error, error);
        }
        var record = TraceRecord.Of(span);
        var began = record?.Owner.Timestamp ?? 0;
        var current = Activity.Current;
        if (record is { IsVirtual: true }) span.SetEndTime(record.Owner.Time.GetUtcNow().UtcDateTime);
        span.Stop();
        if (current != span) Activity.Current = current;
        record?.Spent(began);
    }

    /// <summary>The time by the clock that a span is measured with.</summary>
    public static DateTimeOffset Now(Activity? span) => (TraceRecord.Of(span)?.Owner.Time ?? TimeProvider.System).GetUtcNow();

    /// <summary>Notes that a call reads an entity from the store, so that reading it again is found.</summary>
    /// <param name="key">The same for the same key; of no meaning otherwise.</param>
    public static void Read(Activity? call, int key)
    {
        if (call is not null) TraceRecord.Of(call)?.Read(call, key);
    }

    /// <summary>As <see cref="End(Activity?, string?)"/> with the type of what was thrown.</summary>
    public static void End(Activity? span, Exception? fault) => End(span, fault is null ? null : ErrorOf(fault));

    /// <summary>The word for a failure.</summary>
    public static string ErrorOf(Exception fault) => fault is OperationCanceledException ? "cancelled" : fault?.GetType().Name ?? "";

    /// <summary>The <c>traceparent</c> for others to go on with.</summary>
    /// <param name="sent">What this code's own caller sent; null for nothing.</param>
    /// <returns>Of the current span where it is one that an exporter gets to see. Where only this node keeps it, what the caller sent stays in force: an exporter's trace is never
    /// broken by a span that it does not have. Null where there is neither.</returns>
    public static string? TraceParent(string? sent = null) => TraceParent(Activity.Current, sent);

    /// <inheritdoc cref="TraceParent(string?)"/>
    public static string? TraceParent(Activity? span, string? sent)
    {
        if (span is not { IdFormat: ActivityIdFormat.W3C, Source.Name.Length: > 0 }) return sent;
        return span.Recorded ? span.Id : sent ?? TraceRecord.Of(span)?.Sent ?? span.Id;
    }

    internal static string ShortFile(string file) => ShortFiles.GetOrAdd(file, static path =>
    {
        var end = path.LastIndexOfAny(['/', '\\']);
        var start = end <= 0 ? -1 : path.LastIndexOfAny(['/', '\\'], end - 1);
        return path[(start + 1)..].Replace('\\', '/');
    });

    private static Activity? Start(CallKind kind, string? target, Activity around, string file, int line, string member, DateTimeOffset startedAt = default)
    {
        var record = TraceRecord.Of(around);
        if (record is not null && !record.HasRoom && !around.Recorded)
        {
            record.Drop();
            return null;
        }
        var began = record?.Owner.Timestamp ?? 0;
        if (startedAt == default && record is { IsVirtual: true }) startedAt = record.Owner.Time.GetUtcNow();
        var span = Source.StartActivity(kind.Word(), KindOf(kind), default(ActivityContext), null, null, startedAt);
        if (span is not null)
        {
            if (target is not null)
            {
                span.DisplayName = $"{span.OperationName} {target}";
                span.SetTag(SpanTags.Target(kind), target);
            }
            if (file.Length > 0)
            {
                span.SetTag(SpanTags.File, ShortFile(file));
                span.SetTag(SpanTags.Line, line);
                if (member.Length > 0) span.SetTag(SpanTags.Function, member);
            }
        }
        record?.Spent(began);
        return span;
    }

    private static ActivityKind KindOf(CallKind kind) => kind switch
    {
        CallKind.Request => ActivityKind.Server,
        CallKind.Attempt => ActivityKind.Consumer,
        CallKind.Submit => ActivityKind.Producer,
        CallKind.Statement or CallKind.Query or CallKind.Count or CallKind.Fetch or CallKind.Webhook => ActivityKind.Client,
        _ => ActivityKind.Internal,
    };

    /// <summary>Such as <c>Pages/Report.cs:41 in LoadAsync</c>.</summary>
    internal static string SiteOf(string file, object? line, object? member) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}{(line is null ? "" : ":")}{line}{(member is null ? "" : " in ")}{member}");
}
