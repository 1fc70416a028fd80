using System.Net.Http.Headers;
using System.Text.Json;

namespace ActorPerf.Load;

/// <summary>The queues of an ActorPerf node as they stood at a moment of a run, summed up over all of them.</summary>
/// <param name="Waiting">Jobs that are queued.</param>
/// <param name="Running">Jobs that run, those that are being cancelled among them; on all nodes of the cluster.</param>
/// <param name="Busy">Compute actors of the node that do something.</param>
/// <param name="Routees">Compute actors that it has: <paramref name="Busy"/> of them is its utilisation.</param>
public sealed record TargetQueues(long Waiting, long Running, int Busy, int Routees)
{
    /// <summary>Longer than any list of queues: what is more is no such list.</summary>
    private const int MaxBody = 4 * 1024 * 1024;

    private const string Path = "/api/v1/queues";

    /// <summary>Asks a target.</summary>
    /// <returns>The queues, or why there are none to be had; one of them is null.</returns>
    internal static async Task<(TargetQueues? Queues, string? Fault)> AskAsync(LoadRunContext run, CancellationToken ct)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, run.UriOf(Path));
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            message.Headers.Authorization = run.Authorization;
            using var answer = await run.Http.SendAsync(message, ct).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) return (null, $"status {(int)answer.StatusCode}");
            await answer.Content.LoadIntoBufferAsync(MaxBody, ct).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(ct).ConfigureAwait(false);
            return Read(body) is { } queues ? (queues, null) : (null, "the answer is no list of queues");
        }
        catch (OperationCanceledException)
        {
            return (null, "no answer in time");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or ObjectDisposedException)
        {
            return (null, fault.Message);
        }
    }

    /// <summary>Reads what <c>GET /api/v1/queues</c> answers; null where it is something else.</summary>
    public static TargetQueues? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var (waiting, running, busy, routees) = (0L, 0L, 0, 0);
            foreach (var queue in document.RootElement.GetProperty("items").EnumerateArray())
            {
                waiting += queue.GetProperty("counts").TryGetProperty("queued", out var queued) ? queued.GetInt64() : 0;
                running += queue.GetProperty("running").GetInt64();
                busy += queue.GetProperty("busy").GetInt32();
                routees += queue.GetProperty("routees").GetInt32();
            }
            return new TargetQueues(waiting, running, busy, routees);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
