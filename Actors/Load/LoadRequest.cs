using System.Text;

namespace ActorPerf.Load;

/// <summary>A request that a user sends.</summary>
/// <param name="Method">Such as <c>GET</c>.</param>
/// <param name="Path">Below the run's host, with its query; begins with a slash.</param>
public sealed record LoadRequest(string Method, string Path)
{
    /// <summary>Under which it is counted; empty: its path. Give one where paths hold ids, for every name has a row of figures.</summary>
    public string Name { get; init; } = "";

    /// <summary>Null: none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Says what is wrong with an answer, which then counts as failed; null where it is right. Replaces the rule that a status from 200 to 399 is right.</summary>
    public Func<LoadResponse, string?>? Check { get; init; }

    public static LoadRequest Get(string path, string name = "") => new("GET", path) { Name = name };

    /// <param name="json">The body.</param>
    public static LoadRequest Post(string path, string json, string name = "") => new("POST", path) { Name = name, Body = Encoding.UTF8.GetBytes(json) };
}

/// <summary>An answer, or why there is none. Its body is good until the user sends its next request.</summary>
/// <param name="Status">0 where there is no answer.</param>
/// <param name="Body">Up to <see cref="MaxBody"/>; more is read, counted and not kept.</param>
/// <param name="Size">Bytes of the whole body.</param>
/// <param name="Elapsed">Sent to answered.</param>
/// <param name="Error">Why it counts as failed; null where it does not.</param>
public readonly record struct LoadResponse(int Status, ReadOnlyMemory<byte> Body, long Size, TimeSpan Elapsed, string? Error)
{
    /// <summary>Bytes of a body that are kept.</summary>
    public const int MaxBody = 1024 * 1024;

    public string? ContentType { get; init; }

    public bool IsRight => Error is null;

    public string Text => Encoding.UTF8.GetString(Body.Span);
}
