using System.Net.Http.Headers;
using System.Text.Json;
using ActorPerf.Node.Output;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Node.Client;

/// <summary>Speaks a node's HTTP API. Expected failures are answers; only the caller's cancellation is thrown.</summary>
internal sealed class NodeClient : IDisposable
{
    /// <summary>A loopback or data-centre connection is made in milliseconds; more than this is as good as none.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    /// <param name="key">Bearer key; null sends none.</param>
    /// <param name="ns">Null: the node's default.</param>
    /// <param name="patience">How long one request may take that does not itself ask the node to wait.</param>
    /// <param name="time">For <paramref name="patience"/> and the silence of streams.</param>
    public NodeClient(NodeAddress node, string? key, string? ns, TimeSpan patience, TimeProvider time)
    {
        Node = node;
        (_patience, _time) = (patience, time);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,                       // a redirect would carry the key elsewhere
            UseCookies = false,
            UseProxy = !node.Url.IsLoopback,
            ConnectTimeout = patience < ConnectPatience ? patience : ConnectPatience,
            AutomaticDecompression = System.Net.DecompressionMethods.All,
        };
        _http = new(handler) { BaseAddress = node.Url, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("actorperf", ProgramVersion.Short));
        if (key is not null) _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        if (ns is not null) _http.DefaultRequestHeaders.TryAddWithoutValidation("ActorPerf-Namespace", ns);
    }

    public NodeAddress Node { get; }

    public void Dispose() => _http.Dispose();

    public Task<Answer> GetAsync(string path, CancellationToken ct) => SendAsync(new ApiRequest(HttpMethod.Get, path), ct);

    /// <param name="body">UTF-8 JSON.</param>
    public Task<Answer> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken ct) =>
        SendAsync(new ApiRequest(HttpMethod.Post, path) { Body = body }, ct);

    /// <param name="body">UTF-8 JSON: a merge patch.</param>
    public Task<Answer> PatchAsync(string path, ReadOnlyMemory<byte> body, CancellationToken ct) =>
        SendAsync(new ApiRequest(HttpMethod.Patch, path) { Body = body }, ct);

    public Task<Answer> DeleteAsync(string path, CancellationToken ct) => SendAsync(new ApiRequest(HttpMethod.Delete, path), ct);

    /// <summary>Sends a request and reads the whole answer.</summary>
    public async Task<Answer> SendAsync(ApiRequest request, CancellationToken ct)
    {
        var patience = request.Patience ?? _patience;
        using var limit = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using var message = request.ToMessage();
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (request.IgnoreBody && response.IsSuccessStatusCode) return new Answer.Ok((int)response.StatusCode, default, null);
            return await ReadAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return limit.IsCancellationRequested ? new Answer.TimedOut(Node, patience) : Lost("the connection was not made in time");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return Lost(Innermost(broken));
        }
    }

    /// <summary>Opens an answer that is read as it comes, without a limit on how long but with one on silence.</summary>
    /// <param name="silence">For so long nothing may come, neither the answer's beginning nor more of it: then the connection counts as broken.</param>
    /// <param name="read">Reads the body of a successful answer; the connection breaking surfaces as <see cref="IOException"/> or
    /// <see cref="HttpRequestException"/> and becomes an <see cref="Answer.Unreachable"/>.</param>
    /// <returns>What <paramref name="read"/> returned, or why there was nothing to read.</returns>
    public async Task<Answer> StreamAsync(HttpRequestMessage message, TimeSpan silence, Func<Stream, CancellationToken, Task<Answer>> read, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            using (message)
            using (var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token))
            {
                if (!response.IsSuccessStatusCode) return await ReadAsync(response, either.Token);
                limit.CancelAfter(Timeout.InfiniteTimeSpan);
                await using var body = new ImpatientStream(await response.Content.ReadAsStreamAsync(ct), silence, _time);
                return await read(body, ct);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Lost(limit.IsCancellationRequested ? $"nothing came for {Durations.Format(silence)}" : "the connection was not made in time");
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return Lost(Innermost(broken));
        }
    }

    private Answer.Unreachable Lost(string reason) => new(Node, reason);

    private static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var status = (int)response.StatusCode;
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        if (body.Length == 0 && (response.IsSuccessStatusCode || status == 304)) return new Answer.Ok(status, default, response.Headers.ETag?.ToString());
        if (!IsJson(mediaType) || !TryParse(body, out var json)) return new Answer.Refused(Problem.Foreign(status, mediaType));
        if (response.IsSuccessStatusCode) return new Answer.Ok(status, json, response.Headers.ETag?.ToString());
        return new Answer.Refused(Problem.From(status, json) with { RetryAfter = response.Headers.RetryAfter?.Delta?.TotalSeconds });
    }

    private static bool IsJson(string? mediaType) =>
        mediaType is "application/json" or "application/problem+json" || mediaType?.EndsWith("+json", StringComparison.Ordinal) == true;

    private static bool TryParse(byte[] body, out JsonElement json)
    {
        try
        {
            json = JsonText.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }

    /// <summary>The cause nearest to the socket says most: "Connection refused", "No such host is known".</summary>
    private static string Innermost(Exception broken)
    {
        while (broken.InnerException is { } inner) broken = inner;
        return broken is System.Security.Authentication.AuthenticationException ? $"TLS: {broken.Message}" : broken.Message.TrimEnd('.');
    }
}
