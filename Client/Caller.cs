using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ActorPerf.Client.Wire;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <summary>Sends requests to a node, again where that is harmless, and sorts what may come back: answers, refusals, and a node or store that is away.</summary>
internal sealed class Caller(HttpClient http, ClientOptions options, TimeProvider time) : IDisposable
{
    private const string Base = "api/v1";
    private readonly Uri _root = new(options.Address.AbsoluteUri.TrimEnd('/') + "/" + Base);
    private readonly Random _random = new();

    /// <returns>A success, 304, or a refusal.</returns>
    /// <exception cref="StoreUnavailableException">The node could not be reached, or could not use its store, as often as it was tried.</exception>
    public async Task<Reply> SendAsync(Call call, CancellationToken ct)
    {
        for (var sent = 1; ; sent++)
        {
            var (reply, fault, unsent) = await TryAsync(call, sent, ct);
            if (reply is not null && !IsTransient(reply)) return Sorted(reply);
            if (sent > options.Retries || !(call.Repeatable || unsent)) return reply is not null ? Sorted(reply) : throw Away(call, fault);
            await PauseAsync(sent, reply?.Refusal?.RetryAfter, ct);
        }
    }

    /// <summary>Opens an answer that is read while it comes.</summary>
    /// <exception cref="HttpRequestException">The node could not be reached.</exception>
    public async Task<HttpResponseMessage> OpenAsync(Call call, CancellationToken ct)
    {
        using var request = Request(call);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Timeout);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException cause) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"{call.Method} {request.RequestUri} was not answered within {options.Timeout.TotalSeconds:0.###} s.", cause);
        }
    }

    /// <summary>An answer that was opened, with its body.</summary>
    public static async Task<Reply> ReadAsync(HttpResponseMessage response, int sent, CancellationToken ct)
    {
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        var refusal = response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified ? null : ProblemReader.Read(response, body);
        return new Reply(response.StatusCode, body, response.Headers.ETag?.ToString(), response.Headers.Contains("Idempotent-Replayed"), sent, refusal);
    }

    /// <summary>Before the next try: twice as long as before the last one, less up to half of it by chance.</summary>
    public async Task PauseAsync(int tried, TimeSpan? atLeast, CancellationToken ct)
    {
        double share;
        lock (_random) share = 0.5 + _random.NextDouble() / 2;
        var pause = options.FirstPause * Math.Pow(2, Math.Min(tried - 1, 30)) * share;
        if (atLeast > pause) pause = atLeast.Value;
        await Task.Delay(pause < options.LongestPause ? pause : options.LongestPause, time, ct);
    }

    public bool GivesUp(int tried) => tried > options.Retries;

    public StoreUnavailableException Away(Call call, Exception? cause) => new(
        $"{call.Method} {_root}{call.Path} got no answer: {cause?.Message ?? "the node is away."} Check that the node runs at {options.Address}, and try again.", cause ?? new HttpRequestException());

    /// <summary>A refusal that the caller of this method has no answer for.</summary>
    public static Exception Unexpected(Reply reply) => reply.Refusal is { } refusal
        ? new JobRefusedException(refusal)
        : new HttpRequestException($"The node answered {(int)reply.Status}, which this client does not know here. Use a client of the node's version.");

    public void Dispose() => http.Dispose();

    private async Task<(Reply? Reply, Exception? Fault, bool Unsent)> TryAsync(Call call, int sent, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.Timeout + call.Wait);
        try
        {
            using var request = Request(call);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return (await ReadAsync(response, sent, patience.Token), null, false);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException || (fault is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return (null, fault, fault is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError });
        }
    }

    private HttpRequestMessage Request(Call call)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(_root + call.Path));
        if (options.Key is { } key) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (call.Namespace != Namespace.Default) request.Headers.TryAddWithoutValidation("ActorPerf-Namespace", call.Namespace.Name);
        foreach (var (name, value) in call.Headers) request.Headers.TryAddWithoutValidation(name, value);
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(call.MediaType);
        }
        return request;
    }

    private static bool IsTransient(Reply reply) => (int)reply.Status is 408 or 502 or 503 or 504;

    /// <summary>What is no caller's doing is thrown, as the in-process front door does.</summary>
    private static Reply Sorted(Reply reply) => (int)reply.Status switch
    {
        507 => throw new StoreFullException(Words(reply)),
        >= 500 when reply.Refusal?.Code is not ("draining" or "busy") => throw new StoreUnavailableException(Words(reply)),
        _ => reply,
    };

    private static string Words(Reply reply) => reply.Refusal?.Detail ?? string.Create(CultureInfo.InvariantCulture, $"The node answered {(int)reply.Status}.");
}
