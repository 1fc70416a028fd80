using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>One server-sent event.</summary>
/// <param name="Kind"><c>state</c>, <c>progress</c>, <c>log</c>, <c>done</c> or <c>reset</c>.</param>
/// <param name="Data">Undefined where it is no JSON.</param>
internal readonly record struct NodeEvent(string Kind, string? Id, JsonElement Data);

/// <summary>Follows an event stream and, when the connection breaks or goes silent, resumes where it was.</summary>
internal sealed class EventFollower(NodeClient client, TimeProvider time)
{
    /// <summary>A node that restarts is back within this many tries, a second apart and growing.</summary>
    private const int MostTries = 8;

    /// <summary>A stream that stands tells so every 15 s.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    /// <param name="seen">Told each event in order; answers whether to go on.</param>
    /// <returns><see cref="Answer.Ok"/> once <paramref name="seen"/> said to stop; else why the stream cannot be had.</returns>
    public async Task<Answer> FollowAsync(string path, Func<NodeEvent, ValueTask<bool>> seen, CancellationToken ct)
    {
        string? last = null;
        var connected = false;
        for (var tries = 0; ;)
        {
            var stopped = false;
            var answer = await client.StreamAsync(Request(path, last), LongestSilence, async (body, token) =>
            {
                connected = true;
                tries = 0;
                await foreach (var item in SseParser.Create(body).EnumerateAsync(token))
                {
                    if (item.EventId is { Length: > 0 } id) last = id;
                    stopped = !await seen(new(item.EventType, item.EventId, Json(item.Data)));
                    if (stopped) return new Answer.Ok(200, default, null);
                }
                return new Answer.Unreachable(client.Node, "the event stream ended early");
            }, ct);
            if (stopped || !connected || answer is not Answer.Unreachable || tries++ == MostTries) return answer;
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(tries, 5)), time, ct);
        }
    }

    private static HttpRequestMessage Request(string path, string? last)
    {
        var message = new HttpRequestMessage(HttpMethod.Get, path);
        message.Headers.Accept.ParseAdd("text/event-stream");
        if (last is not null) message.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        return message;
    }

    private static JsonElement Json(string data)
    {
        try
        {
            return data.Length == 0 ? default : JsonText.Parse(Encoding.UTF8.GetBytes(data));
        }
        catch (JsonException)
        {
            return default;       // a newer node's event that this program does not know
        }
    }
}
