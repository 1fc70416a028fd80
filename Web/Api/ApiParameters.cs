namespace ActorPerf.Web.Api;

/// <summary>Parameters that several calls read, as the OpenAPI document tells them.</summary>
internal static class ApiParameters
{
    public static ApiParameter Prefer { get; } = new("Prefer", "header", "wait=N: wait up to N seconds, at most 60 (RFC 7240).");
    public static ApiParameter IdempotencyKey { get; } = new("Idempotency-Key", "header", "1 to 255 printable ASCII characters; the first answer is repeated for 24 hours.");
    public static ApiParameter IfNoneMatch { get; } = new("If-None-Match", "header", "The ETag of the copy at hand; answered 304 while it is good.");
    public static ApiParameter IfMatch { get; } = new("If-Match", "header", "Only if it stands at this ETag; *: only if it is there.");
    public static ApiParameter IfAbsent { get; } = new("If-None-Match", "header", "*: only if it is not there.");
    public static ApiParameter LastEventId { get; } = new("Last-Event-ID", "header", "Resume behind this event.");
    public static ApiParameter CacheControl { get; } = new("Cache-Control", "header", "no-cache, no-store, only-if-cached, max-age=S, max-stale[=S], min-fresh=S, stale-if-error=S.");

    public static ApiParameter CacheChoices { get; } = new("ActorPerf-Cache", "header", "How the result is remembered: duration, stale-while-revalidate, stale-if-error, eager, negative, soft-timeout, hard-timeout, error-backoff, error-throttle, jitter, resilient, tags, do-not-store, store.");
    public static ApiParameter State { get; } = new("state", "query", "Only jobs in this state; several are separated by commas.");
    public static ApiParameter Search { get; } = new("q", "query", "A search, such as state:failed task:report finished<1h (docs/search.md).");
    public static ApiParameter Sort { get; } = new("sort", "query", "createdAt, finishedAt, runAt, priority or ran; - in front descends. -createdAt unless given.");
    public static ApiParameter Task { get; } = new("task", "query", "Only this task.");
    public static ApiParameter Queue { get; } = new("queue", "query", "Only this queue.");
    public static ApiParameter Tag { get; } = new("tag", "query", "Only jobs with this tag.");
    public static ApiParameter Limit { get; } = new("limit", "query", "1 to 500; 50 unless given.");
    public static ApiParameter Cursor { get; } = new("cursor", "query", "The member next of the page before.");
    public static ApiParameter Count { get; } = new("count", "query", "true adds the member total.");
}
