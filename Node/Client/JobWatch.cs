using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Client;

/// <summary>Waits for a job by long polls; outlives a restart of the node.</summary>
internal sealed class JobWatch(NodeClient client, TimeProvider time)
{
    private const int PollSeconds = 30;
    private const int MostTries = 8;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public static bool IsFinal(JsonElement job) => job.Text("state") is "succeeded" or "failed" or "cancelled" or "expired";

    /// <param name="patience">Null: as long as it takes.</param>
    /// <returns>The finished job; or the failure, <see cref="Answer.TimedOut"/> when patience is over.</returns>
    public async Task<Answer> UntilFinalAsync(string id, TimeSpan? patience, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        string? version = null;
        var known = false;
        for (var tries = 0; ;)
        {
            var left = patience - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return new Answer.TimedOut(client.Node, patience!.Value);
            var wait = left is { } rest ? Math.Min(PollSeconds, Math.Max(1, Math.Ceiling(rest.TotalSeconds))) : PollSeconds;
            var answer = await client.SendAsync(Poll(id, version, wait), ct);
            if (answer is Answer.Ok ok)
            {
                (known, tries) = (true, 0);
                if (ok.Status != 304 && IsFinal(ok.Body)) return ok;
                version = ok.ETag ?? version;
                // A node that ignores the wish to wait must not be asked in a tight circle.
                if (ok.ETag is null) await Task.Delay(TimeSpan.FromMilliseconds(500), time, ct);
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
}
