using System.Net.Http.Headers;

namespace ActorPerf.Node.Client;

/// <summary>One request to the API.</summary>
/// <param name="Path">Below the node's address, without a leading slash, escaped: <c>api/v1/jobs</c>.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path)
{
    /// <summary>UTF-8 JSON; null sends none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Headers beside the usual ones.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>How long this request may take; null: the client's own patience.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Whether a success counts whatever its body is; the answer then has none.</summary>
    public bool IgnoreBody { get; init; }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Path);
        if (Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        foreach (var (name, value) in Headers) message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }
}

/// <summary>Paths of the API.</summary>
internal static class Api
{
    public const string Root = "api/v1/";

    public static string Job(string id) => $"{Root}jobs/{Uri.EscapeDataString(id)}";

    /// <summary>A path with the parameters that have a value.</summary>
    public static string With(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = new List<string>();
        foreach (var (name, value) in parameters)
            if (value is not null) query.Add($"{name}={Uri.EscapeDataString(value)}");
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }
}
