using System.Collections.Frozen;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Api;

/// <summary>Every refusal on the wire: RFC 9457 problem details, and the one table of codes, statuses and titles (docs/errors.md).</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreRetry = TimeSpan.FromSeconds(2);

    public static FrozenDictionary<string, Kind> Table { get; } = new Dictionary<string, Kind>
    {
        ["invalid-json"] = new(400, "The body is not the JSON it should be"),
        ["invalid-request"] = new(400, "The request cannot be taken as it is"),
        ["invalid-search"] = new(400, "The search cannot be read"),
        ["search-too-wide"] = new(400, "The search would look at too many jobs"),
        ["invalid-args"] = new(400, "The arguments do not fit the task"),
        ["unauthorized"] = new(401, "A key is needed"),
        ["forbidden"] = new(403, "The key does not allow this"),
        ["not-found"] = new(404, "There is nothing here"),
        ["unknown-task"] = new(404, "There is no such task"),
        ["unknown-job"] = new(404, "There is no such job"),
        ["unknown-workflow"] = new(404, "There is no such workflow"),
        ["method-not-allowed"] = new(405, "This method is not for this address"),
        ["request-timeout"] = new(408, "The body came too slowly"),
        ["state-conflict"] = new(409, "Its state does not allow this"),
        ["version-conflict"] = new(409, "Somebody else changed it first"),
        ["id-conflict"] = new(409, "The id belongs to another submission"),
        ["unique-conflict"] = new(409, "The unique key is taken"),
        ["job-not-finished"] = new(409, "The job has not finished"),
        ["idempotency-in-progress"] = new(409, "The first request with this key is still under way"),
        ["batch-refused"] = new(409, "Another item of the batch was refused"),
        ["gone"] = new(410, "It is no longer kept"),
        ["precondition-failed"] = new(412, "The precondition does not hold"),
        ["payload-too-large"] = new(413, "The body is too large"),
        ["unsupported-media-type"] = new(415, "The content type cannot be taken"),
        ["idempotency-mismatch"] = new(422, "The idempotency key belongs to another body"),
        ["rate-limited"] = new(429, "Too much at once"),
        ["queue-full"] = new(429, "The queue is full"),
        ["internal-error"] = new(500, "The node failed"),
        ["task-failed"] = new(500, "The task failed"),
        ["storage-unavailable"] = new(503, "The store does not answer"),
        ["draining"] = new(503, "The node is stopping"),
        ["busy"] = new(503, "The node is busy"),
        ["compute-timeout"] = new(504, "The computation takes longer than the caller waits"),
        ["not-cached"] = new(504, "The result is not remembered"),
        ["storage-full"] = new(507, "The disk is full"),
    }.ToFrozenDictionary();

    internal readonly record struct Kind(int Status, string Title);

    /// <summary>What is told of a store that failed; null for any other fault.</summary>
    public static Refusal? OfStore(Exception fault) => fault switch
    {
        StoreFullException => new Refusal("storage-full", "The disk that holds the database is full. Nothing changed; free space and try again."),
        StoreUnavailableException => new Refusal("storage-unavailable", "The store does not answer. Nothing is known to have changed; try again with the same id or Idempotency-Key.") { RetryAfter = StoreRetry },
        TimeoutException => new Refusal("storage-unavailable", "The store did not answer in time. What was written may or may not have taken place; look before you try again.") { RetryAfter = StoreRetry },
        _ => null,
    };

    public static int Status(Refusal refusal) => Of(refusal.Code).Status;

    public static Task WriteAsync(HttpContext context, Refusal refusal, TaskError? error = null)
    {
        if (!Table.ContainsKey(refusal.Code))
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Problems)).UnknownCode(refusal.Code);
        RouteTrace.Note(refusal.Code);
        var response = context.Response;
        var status = Status(refusal);
        var buffer = JsonBuffer.Rent();
        WriteProblem(buffer.Json, refusal, RequestIdentity.Of(context), error);
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        if (refusal.RetryAfter is not null || status is 429 or 503) response.Headers.RetryAfter = Seconds(refusal.RetryAfter ?? DefaultRetryAfter);
        if (status == 401) response.Headers.WWWAuthenticate = "Bearer realm=\"actorperf\"";
        Answer.Put(response, buffer, ContentType);
        return Task.CompletedTask;
    }

    /// <param name="requestId">Null inside an answer whose header tells it.</param>
    public static void WriteProblem(Utf8JsonWriter json, Refusal refusal, string? requestId, TaskError? error = null)
    {
        var kind = Of(refusal.Code);
        json.WriteStartObject();
        json.WriteString(N.Type, $"urn:actorperf:problem:{refusal.Code}");
        json.WriteString(N.Title, kind.Title);
        json.WriteNumber(N.Status, kind.Status);
        json.WriteString(N.Detail, refusal.Detail);
        json.WriteString(N.Code, refusal.Code);
        if (requestId is not null) json.WriteString(N.RequestId, requestId);
        if (refusal.Faults.Count > 0) WriteFaults(json, refusal.Faults);
        if (refusal.Allowed.Count > 0) WriteAllowed(json, refusal.Allowed);
        if (error is not null) json.WriteError(error);
        json.WriteEndObject();
    }

    public static string Seconds(TimeSpan after) =>
        Math.Max(1, (long)Math.Ceiling(after.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static Kind Of(string code) => Table.TryGetValue(code, out var kind) ? kind : new Kind(400, "The request was refused");

    private static void WriteAllowed(Utf8JsonWriter json, IReadOnlyList<string> allowed)
    {
        json.WriteStartArray(N.Allowed);
        foreach (var action in allowed) json.WriteStringValue(action);
        json.WriteEndArray();
    }

    private static void WriteFaults(Utf8JsonWriter json, IReadOnlyList<FieldFault> faults)
    {
        json.WriteStartArray(N.Errors);
        foreach (var fault in faults)
        {
            json.WriteStartObject();
            json.WriteString(N.Pointer, fault.Pointer);
            json.WriteString(N.Message, fault.Message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
