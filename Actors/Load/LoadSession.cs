using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ActorPerf.Load;

/// <summary>What a user has at hand during an iteration: it sends requests, which are measured, and keeps what it learnt. One for each user; for one iteration at a time.</summary>
public sealed class LoadSession : IDisposable
{
    private const string CookieHeader = "Cookie";
    private const string SetCookieHeader = "Set-Cookie";

    private readonly LoadRunContext _run;
    private readonly CancellationTokenRegistration _ended;
    private CancellationTokenSource _patience;
    private byte[] _buffer = [];
    private CookieContainer? _cookies;
    private long _plannedAt;
    private bool _sending;

    internal LoadSession(LoadRunContext run, LoadUser kind, int user)
    {
        (_run, Kind, User) = (run, kind, user);
        Random = new Random(LoadSeeds.OfUser(run.Seed, user));
        _patience = new CancellationTokenSource(Timeout.InfiniteTimeSpan, run.Time);
        _ended = run.Ended.Register(static session => ((LoadSession)session!).GiveUp(), this);
    }

    /// <summary>Number of the user in its run, from 0.</summary>
    public int User { get; }

    /// <summary>Iterations that this user has begun before this one.</summary>
    public long Iteration { get; internal set; }

    /// <summary>Chance of this user: the same seed and number give the same.</summary>
    public Random Random { get; }

    /// <summary>What <see cref="LoadUser.State"/> made for this user.</summary>
    public object? State { get; private set; }

    /// <summary>The run's target.</summary>
    public Uri Host => _run.Plan.Host;

    public TimeProvider Time => _run.Time;

    /// <summary>What this user has learnt, by name; templates find it here first.</summary>
    public IDictionary<string, string> Variables { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal LoadUser Kind { get; }

    internal LoadRunContext Run => _run;

    /// <summary>Rows of the scenario's files that this iteration has taken, by name.</summary>
    internal Dictionary<string, string[]> Rows { get; } = new(StringComparer.Ordinal);

    /// <summary>Sends a request and reads its whole answer. Refused connections, time-outs and broken answers come back as <see cref="LoadResponse.Error"/>.</summary>
    /// <remarks>One at a time: a user waits for its answer, and the answer's body lies in a buffer that the next one takes.</remarks>
    /// <exception cref="OperationCanceledException">The run is over.</exception>
    /// <exception cref="InvalidOperationException">Another request of this user is under way.</exception>
    public async ValueTask<LoadResponse> SendAsync(LoadRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ct.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _sending, true)) throw new InvalidOperationException("A user sends one request at a time: await the one before. For several at once take more users.");
        try
        {
            return await SendAloneAsync(request).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _sending, false);
        }
    }

    public ValueTask<LoadResponse> GetAsync(string path, string name = "", CancellationToken ct = default) => SendAsync(LoadRequest.Get(path, name), ct);

    public ValueTask<LoadResponse> PostAsync(string path, string json, string name = "", CancellationToken ct = default) => SendAsync(LoadRequest.Post(path, json, name), ct);

    /// <summary>Counts a check, which fails no request: thresholds on <c>checks</c> do something with it.</summary>
    public void Check(bool held) => _run.Book.Check(held);

    /// <summary>Counts a job that has ended.</summary>
    /// <param name="latency">From its acceptance to its end.</param>
    public void JobEnded(string task, TimeSpan latency, bool succeeded) => _run.Book.Job(task, latency, succeeded);

    /// <summary>Pauses inside an iteration.</summary>
    public Task PauseAsync(TimeSpan time, CancellationToken ct) => Task.Delay(time, Time, ct);

    public void Dispose()
    {
        Abandon();
        _patience.Dispose();
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <summary>The user is gone and an iteration of its may still be under way.</summary>
    internal void Abandon() => _ended.Dispose();

    /// <summary>Makes <see cref="State"/>; throws what its constructor throws.</summary>
    internal void Make() => State = Kind.State?.Invoke();

    /// <summary>An iteration begins that was to begin at a time.</summary>
    internal void Begin(long plannedAt)
    {
        Interlocked.Exchange(ref _plannedAt, plannedAt);
        Rows.Clear();
        foreach (var (name, rows) in _run.Tables) Rows[name] = rows.Take(this);
    }

    /// <summary>Requests before the first and after the last iteration are due when they are sent.</summary>
    internal void BeginUnplanned() => Begin(0);

    private async ValueTask<LoadResponse> SendAloneAsync(LoadRequest request)
    {
        if (!_run.Book.TryTakeRequest()) throw new OperationCanceledException("The run has sent all requests that it may.");
        var token = BePatient();
        var sent = Time.GetTimestamp();
        // The first request of an iteration was due when the iteration was; later ones when the one before was answered.
        var planned = Interlocked.Exchange(ref _plannedAt, 0) is var at && at != 0 && at < sent ? at : sent;
        LoadResponse response;
        try
        {
            using var message = Message(request);
            using var answer = await _run.Http.SendAsync(message, token).ConfigureAwait(false);
            KeepCookies(message.RequestUri!, answer);
            response = await ReadAsync(answer, sent, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_run.Ended.IsCancellationRequested)
        {
            // Cut off because the run is over: neither an answer nor a failure of the server's.
            _run.Book.Unanswered(Time.GetElapsedTime(planned));
            throw;
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            response = new LoadResponse(0, default, 0, Time.GetElapsedTime(sent), Words(fault, _run.Plan));
        }
        var error = response.Status == 0 ? response.Error : Judge(request, response);
        if (error != response.Error) response = response with { Error = error };
        _run.Book.Request(request.Method, request.Name.Length > 0 ? request.Name : request.Path, response, Time.GetElapsedTime(planned, sent) + response.Elapsed);
        return response;
    }

    private static string? Judge(LoadRequest request, LoadResponse response)
    {
        if (request.Check is { } check) return check(response);
        return response.Status is >= 200 and < 400 ? null : string.Create(CultureInfo.InvariantCulture, $"status {response.Status}");
    }

    /// <summary>Short and the same for the same fault, so that equal ones are counted together.</summary>
    private static string Words(Exception fault, LoadPlan plan) => fault switch
    {
        OperationCanceledException { InnerException: TimeoutException } => $"no connection within {Tasks.Durations.Format(LoadClient.ConnectTimeout(plan))}",
        OperationCanceledException => $"no answer within {Tasks.Durations.Format(plan.RequestTimeout)}",
        HttpRequestException { InnerException: SocketException socket } => socket.SocketErrorCode.ToString(),
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => http.HttpRequestError.ToString(),
        _ => fault.Message,
    };

    private HttpRequestMessage Message(LoadRequest request)
    {
        var message = new HttpRequestMessage(_run.MethodOf(request.Method), _run.UriOf(request.Path)) { Version = HttpVersion.Version11 };
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = _run.TypeOf(request.ContentType);
        }
        if (_run.Authorization is { } authorization) message.Headers.Authorization = authorization;
        foreach (var (name, value) in request.Headers)
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        if (_cookies?.GetCookieHeader(message.RequestUri!) is { Length: > 0 } cookies) message.Headers.TryAddWithoutValidation(CookieHeader, cookies);
        return message;
    }

    /// <summary>What a server gives a user to be known by is this user's own, as in a browser: whoever signed in stays so, and no other does.</summary>
    private void KeepCookies(Uri from, HttpResponseMessage answer)
    {
        if (!answer.Headers.TryGetValues(SetCookieHeader, out var given)) return;
        var cookies = _cookies ?? Interlocked.CompareExchange(ref _cookies, new CookieContainer(), null) ?? _cookies;
        foreach (var one in given)
        {
            try
            {
                cookies.SetCookies(from, one);
            }
            catch (CookieException)
            {
                // A browser, too, would go on without it.
            }
        }
    }

    private async ValueTask<LoadResponse> ReadAsync(HttpResponseMessage answer, long sent, CancellationToken ct)
    {
        var (kept, size) = (0, 0L);
        var stream = await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (true)
            {
                if (kept == _buffer.Length) Grow(kept);
                // What is beyond the bound is read into the buffer's last page again and again: it is counted, not kept.
                var into = kept < LoadResponse.MaxBody ? _buffer.AsMemory(kept) : _buffer.AsMemory(LoadResponse.MaxBody);
                var read = await stream.ReadAsync(into, ct).ConfigureAwait(false);
                if (read == 0) break;
                size += read;
                kept = (int)Math.Min(LoadResponse.MaxBody, kept + (long)read);
            }
        }
        return new LoadResponse((int)answer.StatusCode, _buffer.AsMemory(0, kept), size, Time.GetElapsedTime(sent), null) { ContentType = answer.Content.Headers.ContentType?.MediaType };
    }

    private void Grow(int kept)
    {
        const int first = 4 * 1024;
        var larger = ArrayPool<byte>.Shared.Rent(kept == 0 ? first : Math.Min(kept * 2, LoadResponse.MaxBody + first));
        _buffer.AsSpan(0, kept).CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private CancellationToken BePatient()
    {
        if (!_patience.TryReset())
        {
            _patience.Dispose();
            Volatile.Write(ref _patience, new CancellationTokenSource(Timeout.InfiniteTimeSpan, Time));
        }
        // The run may have ended between the two: then nobody else tells this source.
        if (_run.Ended.IsCancellationRequested) throw new OperationCanceledException("The run is over.", _run.Ended);
        _patience.CancelAfter(_run.Plan.RequestTimeout);
        return _patience.Token;
    }

    private void GiveUp()
    {
        try
        {
            Volatile.Read(ref _patience).Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Replaced in this moment; the request that replaced it looks at the run itself.
        }
    }
}
