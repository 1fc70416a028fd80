using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Console.Live;

/// <summary>One view under watch: its sampling loop and its newest frame.</summary>
internal sealed class LiveTopic(string key, ILiveSource source, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private volatile LiveFrame? _newest;
    private volatile TaskCompletionSource _changed = new();
    private long _sampledAt = time.GetUtcNow().UtcTicks;
    private Task _sampling = Task.CompletedTask;

    public string Key => key;

    /// <summary>Guarded by the lock of <see cref="LiveTopics"/>.</summary>
    public int Watchers { get; set; }

    public DateTimeOffset SampledAt => new(Interlocked.Read(ref _sampledAt), TimeSpan.Zero);

    public void Start() => _sampling = SampleUntilStoppedAsync();

    /// <summary>Ends the loop; it disposes its source by itself.</summary>
    public void Dispose() => _stop.Cancel();

    /// <summary>The loop, for tests that wait until it has ended.</summary>
    public Task Sampling => _sampling;

    public async Task<LiveFrame> NextAsync(long seen, CancellationToken ct)
    {
        while (true)
        {
            var changed = _changed; // taken before looking, so that no frame slips between
            if (_newest is { } frame && frame.Number != seen) return frame;
            await changed.Task.WaitAsync(ct);
        }
    }

    private async Task SampleUntilStoppedAsync()
    {
        await Task.Yield(); // whoever joins holds a lock
        using var pace = new PeriodicTimer(LiveTopics.Pace, time);
        try
        {
            do await SampleOnceAsync();
            while (await pace.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        finally
        {
            await source.DisposeAsync();
            _stop.Dispose();
        }
    }

    private async Task SampleOnceAsync()
    {
        var before = _newest;
        try
        {
            var state = await source.SampleAsync(_stop.Token);
            var now = time.GetUtcNow();
            Interlocked.Exchange(ref _sampledAt, now.UtcTicks);
            if (LiveFrame.After(_newest, state, now) is { } frame) Publish(frame);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            log.SampleFailed(fault, key); // the view grows stale on the pages, and says so there
        }
        if (_newest is { } same && ReferenceEquals(same, before) && time.GetUtcNow() - same.At >= BeatEvery) Publish(same.Beat(time.GetUtcNow(), SampledAt));
    }

    private void Publish(LiveFrame frame)
    {
        _newest = frame;
        var changed = _changed;
        _changed = new TaskCompletionSource();
        // The watchers run here, one behind the other: each only hands its bytes to its connection, and a turn of the thread pool for each would wake all of its threads every second.
        changed.SetResult();
    }
}
