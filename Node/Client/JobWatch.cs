using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>Waits for a job by long polls; outlives a restart of the node.</summary>
internal sealed class JobWatch(NodeClient client, TimeProvider time)
{
    private const int PollSeconds = 30;
    private const int MostTries = 8;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(500);

    public static bool IsFinal(JsonElement job) => job.Text("state") is "succeeded" or "failed" or "cancelled" or "expired";

    /// <param name="patience">Null: as long as it takes.</param>
    /// <returns>The finished job; or the failure, <see cref="Answer.TimedOut"/> when patience is over.</returns>
    public Task<Answer> UntilFinalAsync(string id, TimeSpan? patience, CancellationToken ct)
    {
        string? version = null;
        return UntilAsync(wait => Poll(id, version, wait), ok =>
        {
            version = ok.ETag ?? version;
            return ok.Status != 304 && IsFinal(ok.Body);
        }, patience, ct);
    }

    /// <summary>Waits until at least one of them is final.</summary>
    /// <param name="patience">Null: as long as it takes.</param>
    /// <returns>An object with <c>done</c>, a list of at least one job; or the failure, <see cref="Answer.TimedOut"/> when patience is over.</returns>
    public Task<Answer> UntilAnyAsync(IReadOnlyList<string> ids, TimeSpan? patience, CancellationToken ct) =>
        UntilAsync(wait => PollAny(ids, wait), ok => ok.Body.GetProperty("done").GetArrayLength() > 0, patience, ct);

    private async Task<Answer> UntilAsync(Func<double, ApiRequest> ask, Func<Answer.Ok, bool> isOver, TimeSpan? patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var known = false;
        for (var tries = 0; ;)
        {
            var left = patience - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return new Answer.TimedOut(client.Node, patience!.Value);
            var wait = left is { } rest ? Math.Min(PollSeconds, Math.Max(1, Math.Ceiling(rest.TotalSeconds))) : PollSeconds;
            var asked = time.GetTimestamp();
            var answer = await client.SendAsync(ask(wait), ct);
            if (answer is Answer.Ok ok)
            {
                (known, tries) = (true, 0);
                if (isOver(ok)) return ok;
                // A node that ignores the wish to wait must not be asked in a tight circle.
                if (ok.ETag is null && time.GetElapsedTime(asked) < Breath) await Task.Delay(Breath, time, ct);
                continue;
            }
            if (!known || !MayPass(answer) || tries++ == MostTries) return answer;
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(tries, 5)), time, ct);
        }
    }

    private static bool MayPass(Answer answer) => answer is Answer.Unreachable or Answer.TimedOut or Answer.Refused { Problem.IsTransient: true };

    /// <summary>The first poll asks for the job as it is, so that an unknown id is refused at once.</summary>
    private static ApiRequest Poll(string id, string? version, double seconds) => new(HttpMethod.Get, Api.Job(id))
    {
        Headers = version is null ? [] : [("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={seconds}")), ("If-None-Match", version)],
        Patience = TimeSpan.FromSeconds(seconds) + Grace,
    };

    private static ApiRequest PollAny(IReadOnlyList<string> ids, double seconds) => new(HttpMethod.Post, Api.Root + "jobs/wait")
    {
        Body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["ids"] = new JsonArray([.. ids.Select(static id => (JsonNode)id)]),
            ["mode"] = "any",
            ["timeout"] = string.Create(CultureInfo.InvariantCulture, $"{seconds}s"),
        }.ToJsonString()),
        Patience = TimeSpan.FromSeconds(seconds) + Grace,
    };
}
