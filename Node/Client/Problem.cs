using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>A node's refusal: problem details as the API sends them.</summary>
/// <param name="Code">Stable kebab-case word.</param>
/// <param name="Detail">What happened and what to do next.</param>
/// <param name="Faults">Per fault of the input: where and what.</param>
public sealed record Problem(int Status, string Code, string Detail, string? RequestId, IReadOnlyList<Fault> Faults)
{
    /// <summary>Seconds the node asks to wait before another try; null when it does not say.</summary>
    public double? RetryAfter { get; init; }

    /// <summary>Whether the same request may well succeed a little later.</summary>
    public bool IsTransient => Code is "rate-limited" or "queue-full" or "storage-unavailable" or "draining" or "busy" or "idempotency-in-progress";

    public static Problem From(int status, JsonElement body)
    {
        var detail = body.Text("detail") is { Length: > 0 } text ? text : body.Text("title");
        return new(
            status,
            body.Text("code"),
            body.Member("error") is { } error ? $"{detail} {error.Text("type")}: {error.Text("message")}".Trim() : detail,
            body.Text("requestId") is { Length: > 0 } id ? id : null,
            [.. body.Items("errors").Select(fault => new Fault(fault.Text("pointer"), fault.Text("message")))]);
    }

    /// <summary>The other side does not speak this API.</summary>
    public static Problem Foreign(int status, string? mediaType) => new(
        status, "not-actorperf",
        $"The answer was HTTP {status} with {mediaType ?? "no content type"}, not what a node sends. Check the address, and its path base.", null, []);
}

/// <param name="Pointer">JSON pointer into what was sent.</param>
public sealed record Fault(string Pointer, string Message);
