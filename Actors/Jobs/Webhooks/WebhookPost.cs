using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Sends one request to a receiver.</summary>
internal interface IWebhookPost
{
    /// <summary>Never throws for what the receiver or the network does; only when <paramref name="ct"/> ends.</summary>
    Task<DeliveryAnswer> PostAsync(WebhookRequest request, CancellationToken ct);
}

internal sealed record WebhookRequest(string Url, string Id, long Timestamp, string Signature, ReadOnlyMemory<byte> Body)
{
    /// <summary>W3C trace context; null sends none.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>Sends over HTTP: rules first, then a connection to a judged address. No redirects, no proxy, no cookies, no unpacking; of the answer only a KiB is read.</summary>
internal sealed class WebhookPost : IWebhookPost, IDisposable
{
    private const int MaxRead = 1_024;

    private static readonly ProductInfoHeaderValue Agent = new("ActorPerf", "1");

    private readonly WebhookAddresses _addresses;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <param name="resolve">Names to addresses; null: the system's resolver.</param>
    public WebhookPost(WebhookOptions options, WebhookAddresses addresses, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (_options, _addresses, _time) = (options, addresses, time);
        var network = new Network { ConnectTimeout = options.Timeout };
        var connection = new PinnedConnection(addresses.Internals, resolve is null ? network : network with { Resolve = resolve }, "actorperf.webhooks.allow");
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = network.ConnectTimeout,
            MaxConnectionsPerServer = options.PerHost,
            MaxResponseHeadersLength = 16,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = connection.ConnectAsync,
            ActivityHeadersPropagator = null,                  // the request says which context goes out
        });
    }

    public async Task<DeliveryAnswer> PostAsync(WebhookRequest request, CancellationToken ct)
    {
        if (_addresses.Fault(request.Url, out var uri) is { } fault || uri is null) return new DeliveryAnswer(null, Error: _addresses.Fault(request.Url, out _), IsRefused: true);
        using var late = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await SendAsync(uri, request, both.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new DeliveryAnswer(null, Error: $"No answer within {Durations.Format(_options.Timeout)} (actorperf.webhooks.timeout).");
        }
        catch (HttpRequestException broken) when (broken.InnerException is FetchRefusedException refused)
        {
            return new DeliveryAnswer(null, Error: refused.Message, IsRefused: true);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return new DeliveryAnswer(null, Error: broken.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<DeliveryAnswer> SendAsync(Uri uri, WebhookRequest request, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ReadOnlyMemoryContent(request.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.UserAgent.Add(Agent);
        message.Headers.Add("webhook-id", request.Id);
        message.Headers.Add("webhook-timestamp", request.Timestamp.ToString(CultureInfo.InvariantCulture));
        message.Headers.Add("webhook-signature", request.Signature);
        if (request.TraceParent is { } trace) message.Headers.Add("traceparent", trace);
        using var answer = await _http.SendAsync(message, ct);
        return new DeliveryAnswer((int)answer.StatusCode, await ReadAsync(answer.Content, ct), After(answer.Headers.RetryAfter));
    }

    private TimeSpan? After(RetryConditionHeaderValue? asked) => asked?.Delta ?? (asked?.Date is { } date ? date - _time.GetUtcNow() : null);

    /// <summary>What is hostile in it stays text: control characters become spaces.</summary>
    private static async Task<string?> ReadAsync(HttpContent content, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        var bytes = new byte[MaxRead];
        var length = await stream.ReadAtLeastAsync(bytes, MaxRead, throwOnEndOfStream: false, ct);
        if (length == 0) return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length).ToCharArray();
        for (var i = 0; i < text.Length; i++)
            if (char.IsControl(text[i]) && text[i] != '\n') text[i] = ' ';
        return new string(text);
    }
}
