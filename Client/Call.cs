using System.Net;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <summary>One request.</summary>
/// <param name="Path">Below the base path, with its query.</param>
internal sealed record Call(HttpMethod Method, string Path, Namespace Namespace)
{
    public const string Json = "application/json";

    /// <summary>Null for none.</summary>
    public byte[]? Body { get; init; }

    public string MediaType { get; init; } = Json;

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether sending it twice is as good as once.</summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>How long the node was asked to wait.</summary>
    public TimeSpan Wait { get; init; }
}

/// <summary>What a node answered.</summary>
/// <param name="Sent">How often the request was sent.</param>
/// <param name="Refusal">Null for a success and for 304.</param>
internal sealed record Reply(HttpStatusCode Status, byte[] Body, string? ETag, bool Replayed, int Sent, Refusal? Refusal);
