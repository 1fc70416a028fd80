using System.Buffers;
using System.Text;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorPerf.Web.Api;

/// <summary>Writes events as server-sent events: those of jobs, and whatever else a caller has.</summary>
/// <remarks>Pulls: the next event is asked for when the last one has been sent, so a slow client holds one event here and no more, and what it
/// misses is the source's to conflate. Every 15 s without an event a comment tells that the line stands. The caller's key is checked again every 15 s, with events and without.</remarks>
internal sealed class EventStream(HttpContext context, TimeProvider time, Func<bool> stillAllowed)
{
    public const string ContentType = "text/event-stream";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private const int FlushAt = 64 * 1024;
    private int _unsent;
    private long _asked = time.GetTimestamp();               // when the key was last known to count

    public Task RunAsync(Func<CancellationToken, IAsyncEnumerable<JobEvent>> follow, CancellationToken aborted) => RunAsync(follow, Write, aborted);

    /// <param name="write">Writes one event: calls <see cref="Write{T}"/>.</param>
    public async Task RunAsync<TEvent>(Func<CancellationToken, IAsyncEnumerable<TEvent>> follow, Action<TEvent> write, CancellationToken aborted)
    {
        if (context.IsHead())
        {
            await BeginAsync(aborted);
            return;
        }
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        // Before the first byte goes out: whoever sees the stream begin is told what happens from then on.
        var events = follow(leaving.Token).GetAsyncEnumerator(leaving.Token);
        var next = events.MoveNextAsync().AsTask();
        try
        {
            await BeginAsync(aborted);
            while (await HasNextAsync(next, aborted))
            {
                write(events.Current);
                next = events.MoveNextAsync().AsTask();
                if (!next.IsCompleted || _unsent > FlushAt) await FlushAsync(aborted);    // what is ready at once goes out together
            }
            await FlushAsync(aborted);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The client left; that is how streams end.
        }
        finally
        {
            await leaving.CancelAsync();
            await EndAsync(next);
            await events.DisposeAsync();
        }
    }

    private async Task BeginAsync(CancellationToken ct)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.BodyWriter.Write("retry: 2000\n\n"u8);
        await FlushAsync(ct);
    }

    /// <summary>Waits for the next event with heartbeats in between; false at the end, or when the key no longer counts: the event that came is not told then.</summary>
    private async Task<bool> HasNextAsync(Task<bool> next, CancellationToken aborted)
    {
        while (!next.IsCompleted)
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            var pause = Task.Delay(Heartbeat, time, beat.Token);
            if (await Task.WhenAny(next, pause) == next)
            {
                await beat.CancelAsync();
                break;
            }
            aborted.ThrowIfCancellationRequested();
            if (!AskAgain()) return false;
            context.Response.BodyWriter.Write(":\n\n"u8);
            await FlushAsync(aborted);
        }
        return await next && (time.GetElapsedTime(_asked) < Heartbeat || AskAgain());
    }

    private bool AskAgain()
    {
        _asked = time.GetTimestamp();
        return stillAllowed();
    }

    /// <summary>The source is awaited to its end, so that nothing runs on behind the answer.</summary>
    private static async Task EndAsync(Task<bool> next)
    {
        try
        {
            await next;
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        _unsent = 0;
        await context.Response.BodyWriter.FlushAsync(ct);
    }

    private void Write(JobEvent occurrence)
    {
        switch (occurrence)
        {
            case JobEvent.State state:
                Write("state"u8, state.Place, state, static (json, state) => json.WriteJob(state.Now));
                break;
            case JobEvent.Done done:
                Write("done"u8, done.Place, done, static (json, done) => json.WriteJob(done.Now));
                break;
            case JobEvent.Progress progress:
                Write("progress"u8, null, progress, static (json, progress) =>
                {
                    json.WriteStartObject();
                    json.WriteString(N.Id, progress.Id.Value);
                    json.WriteProgressMembers(progress.Now);
                    json.WriteEndObject();
                });
                break;
            case JobEvent.Log log:
                Write("log"u8, null, log, static (json, log) =>
                {
                    json.WriteStartObject();
                    json.WriteString(N.Id, log.Id.Value);
                    json.WriteNumber(N.Attempt, log.Attempt);
                    json.WriteLine(log.Line);
                    json.WriteEndObject();
                });
                break;
            case JobEvent.Reset:
                Write("reset"u8, null, 0, static (json, _) =>
                {
                    json.WriteStartObject();
                    json.WriteEndObject();
                });
                break;
        }
    }

    /// <param name="place">Where a reader goes on; null for an event that is not repeated.</param>
    public void Write<T>(ReadOnlySpan<byte> name, FeedPlace? place, T what, Action<System.Text.Json.Utf8JsonWriter, T> write)
    {
        var writer = context.Response.BodyWriter;
        if (place is { } id)
        {
            writer.Write("id: "u8);
            Encoding.ASCII.GetBytes(id.ToString(), writer);
            writer.Write("\n"u8);
        }
        writer.Write("event: "u8);
        writer.Write(name);
        writer.Write("\ndata: "u8);
        var buffer = JsonBuffer.Rent();
        write(buffer.Json, what);
        var line = buffer.AsLine();                          // a line's end inside would end the field
        _unsent += line.Length;
        writer.Write(line);
        buffer.Return();
        writer.Write("\n\n"u8);
    }
}
