using System.Collections.Concurrent;
using System.Net;
using System.Text;
using ActorPerf.Tracing;

namespace ActorPerf.Tasks.Fetching;

/// <summary>Fetches: rules first, then a connection to a judged address, every redirect judged anew, the answer read up to its bound.</summary>
internal sealed class Fetcher : IFetch, IDisposable
{
    private const int MaxHeaderKiB = 64;

    private readonly FetchOptions _options;
    private readonly FetchRules _rules;
    private readonly TimeProvider _time;
    private readonly Network _network;
    private readonly HttpMessageInvoker _http;

    /// <summary>By host and port; bounded, because only hosts of the configuration get here.</summary>
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="network">Null: the machine's own.</param>
    public Fetcher(FetchOptions options, FetchRules rules, TimeProvider time, Network? network = null)
    {
        (_options, _rules, _time, _network) = (options, rules, time, network ?? new Network());
        var connection = new PinnedConnection(rules.Internals, _network);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,                         // each is judged first
            UseProxy = false,                                  // a proxy would look names up by itself
            UseCookies = false,                                // nothing of one caller reaches another
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = _network.ConnectTimeout,
            MaxConnectionsPerServer = options.Concurrency,
            MaxResponseHeadersLength = MaxHeaderKiB,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = connection.ConnectAsync,
            ActivityHeadersPropagator = null,                  // an exporter's trace must not be broken: see Spans.TraceParent
        });
    }

    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Spans.IsTraced ? FetchTracedAsync(request, ct) : FetchUntracedAsync(request, ct);
    }

    private async Task<FetchResponse> FetchTracedAsync(FetchRequest request, CancellationToken ct)
    {
        // Of the URL the host alone: paths and queries hold what is nobody's business.
        var span = Spans.Enter(CallKind.Fetch, Uri.TryCreate(request.Url, UriKind.Absolute, out var uri) ? uri.Host : null);
        Exception? failure = null;
        try
        {
            var response = await FetchUntracedAsync(request, ct);
            span?.SetTag(SpanTags.Status, response.Status);
            return response;
        }
        catch (Exception fault)
        {
            failure = fault;
            throw;
        }
        finally
        {
            Spans.End(span, failure);
        }
    }

    private async Task<FetchResponse> FetchUntracedAsync(FetchRequest request, CancellationToken ct)
    {
        var uri = FetchRules.Check(request);
        _rules.Check(uri, "The URL");
        var patience = PatienceFor(request);
        using var late = new CancellationTokenSource(patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, late.Token);
        try
        {
            return await FollowAsync(new Hop(uri, FetchRules.MethodOf(request), request.Headers, request.Body), both.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{FetchRules.Shown(uri)} did not answer within {Durations.Format(patience)}. Allow more with timeout, up to actorperf.fetch.timeout.");
        }
        catch (OperationCanceledException fault) when (!ct.IsCancellationRequested)
        {
            // SocketsHttpHandler's own way to say so; left as it is, it would look as if somebody had cancelled.
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"{FetchRules.Shown(uri)} or where it leads: no connection within {Durations.Format(_network.ConnectTimeout)}.", fault);
        }
        catch (HttpRequestException fault) when (fault.InnerException is FetchRefusedException refused)
        {
            throw new FetchRefusedException(refused.Message, fault);
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new FetchRefusedException($"The answer's headers are longer than {MaxHeaderKiB} KiB.", fault);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            throw new HttpRequestException($"{FetchRules.Shown(uri)} or where it leads broke off its answer, or garbled it: {fault.Message}", fault);
        }
    }

    private TimeSpan PatienceFor(FetchRequest request) =>
        request.Timeout is { } own && own != Timeout.InfiniteTimeSpan && own < _options.Timeout ? own : _options.Timeout;

    public void Dispose()
    {
        _http.Dispose();
        foreach (var gate in _gates.Values) gate.Dispose();
    }

    private async Task<FetchResponse> FollowAsync(Hop hop, CancellationToken ct)
    {
        for (var redirects = 0; ; redirects++)
        {
            var (response, next) = await SendAsync(hop, ct);
            if (next is null) return response!;
            if (redirects == _options.MaxRedirects) throw new FetchRefusedException($"More than {_options.MaxRedirects} redirects (actorperf.fetch.max-redirects); the last leads to {FetchRules.Shown(next.Uri)}.");
            _rules.Check(next.Uri, "The redirect to");
            hop = next;
        }
    }

    private async Task<(FetchResponse? Response, Hop? Next)> SendAsync(Hop hop, CancellationToken ct)
    {
        var gate = _gates.GetOrAdd(UrlPrefix.AuthorityOf(hop.Uri), _ => new SemaphoreSlim(_options.Concurrency));
        await gate.WaitAsync(ct);
        try
        {
            using var message = Message(hop);
            if (!message.Headers.Contains("traceparent") && Spans.TraceParent() is { } trace) message.Headers.Add("traceparent", trace);
            using var answer = await _http.SendAsync(message, ct);
            if (Redirect(hop, answer) is { } next) return (null, next);
            return (new FetchResponse((int)answer.StatusCode, HeadersOf(answer), await ReadAsync(answer.Content, HasBody(hop, answer), ct)), null);
        }
        finally
        {
            gate.Release();
        }
    }

    private static HttpRequestMessage Message(Hop hop)
    {
        var message = new HttpRequestMessage(new HttpMethod(hop.Method), hop.Uri);
        if (hop.Body is not null) message.Content = new StringContent(hop.Body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in hop.Headers ?? new Dictionary<string, string>())
        {
            if (!name.StartsWith("content-", StringComparison.OrdinalIgnoreCase)) message.Headers.TryAddWithoutValidation(name, value);
            else if (message.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        return message;
    }

    /// <summary>Where the answer sends the client; null: it is the answer. What was meant for one host's eyes is not shown to another.</summary>
    private static Hop? Redirect(Hop hop, HttpResponseMessage answer)
    {
        if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location) return null;
        if (!Uri.TryCreate(hop.Uri, location, out var uri)) throw new FetchRefusedException($"{FetchRules.Shown(hop.Uri)} redirects to what is no URL.");
        if (!UrlPrefix.TryUri(uri.AbsoluteUri, out _, out var fault)) throw new FetchRefusedException($"{FetchRules.Shown(hop.Uri)} redirects to what {fault}.");
        var headers = UrlPrefix.AuthorityOf(uri) == UrlPrefix.AuthorityOf(hop.Uri) && uri.Scheme == hop.Uri.Scheme ? hop.Headers : WithoutSecrets(hop.Headers);
        var becomesGet = ((int)answer.StatusCode == 303 && hop.Method != "HEAD") || ((int)answer.StatusCode is 301 or 302 && hop.Method == "POST");
        return becomesGet ? new Hop(uri, "GET", headers, null) : new Hop(uri, hop.Method, headers, hop.Body);
    }

    private static Dictionary<string, string>? WithoutSecrets(IReadOnlyDictionary<string, string>? headers) =>
        headers?.Where(static header => IsHarmless(header.Key)).ToDictionary(static header => header.Key, static header => header.Value);

    /// <summary>Names of keys are many (<c>X-Api-Key</c>, <c>PRIVATE-TOKEN</c>): only what is known to hold none goes on to another host.</summary>
    private static bool IsHarmless(string name) => name.ToUpperInvariant() is "ACCEPT" or "ACCEPT-LANGUAGE" or "USER-AGENT" or "CONTENT-TYPE" or "IF-NONE-MATCH" or "IF-MODIFIED-SINCE" or "RANGE";

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage answer) =>
        answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).GroupBy(static header => header.Key.ToLowerInvariant(), StringComparer.Ordinal)
            .ToDictionary(static header => header.Key, static header => string.Join(", ", header.SelectMany(static one => one.Value)), StringComparer.Ordinal);

    /// <summary>An answer without a body still tells the length of the one that it leaves out.</summary>
    private static bool HasBody(Hop hop, HttpResponseMessage answer) => hop.Method != "HEAD" && answer.StatusCode != HttpStatusCode.NotModified;

    /// <summary>What is read is bounded as it comes out of the unpacking; the length that is told only spares reading in vain.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, bool hasBody, CancellationToken ct)
    {
        if (hasBody && content.Headers.ContentLength > _options.MaxBytes) throw TooLong();
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (await stream.ReadAsync(piece, ct) is > 0 and var read)
        {
            if (body.Length + read > _options.MaxBytes) throw TooLong();
            body.Write(piece, 0, read);
        }
        return body.ToArray();
    }

    private FetchRefusedException TooLong() => new($"The answer is longer than {_options.MaxBytes} bytes (actorperf.fetch.max-bytes).");

    private sealed record Hop(Uri Uri, string Method, IReadOnlyDictionary<string, string>? Headers, string? Body);
}
