using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Waits for jobs, with a progress bar on a terminal.</summary>
internal static class JobWaiting
{
    /// <summary>Waits for one job; on a terminal its own progress moves the bar.</summary>
    public static Task<Answer> ForOneAsync(string id, Invocation invocation, CancellationToken ct) =>
        ProgressBar.WhileAsync(invocation.Shell, id, most: null, async bar =>
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var following = invocation.Shell is { ErrorIsTerminal: true, Ansi: true } ? FollowAsync(id, bar, invocation, over.Token) : Task.CompletedTask;
            try
            {
                return await new JobWatch(invocation.Client, invocation.Shell.Time).UntilFinalAsync(id, invocation.Timeout, ct);
            }
            finally
            {
                await over.CancelAsync();
                await following;
            }
        });

    /// <summary>Waits for each in turn; the bar counts those that ended.</summary>
    /// <param name="finished">Told each finished job, in the order of the ids.</param>
    /// <returns>The first failure; or the last job.</returns>
    public static Task<Answer> ForAllAsync(IReadOnlyList<string> ids, Action<JsonElement> finished, Invocation invocation, CancellationToken ct) =>
        ProgressBar.WhileAsync(invocation.Shell, $"{ids.Count} jobs", ids.Count, async bar =>
        {
            var watch = new JobWatch(invocation.Client, invocation.Shell.Time);
            var started = invocation.Shell.Time.GetTimestamp();
            Answer last = new Answer.Ok(200, default, null);
            for (var done = 0; done < ids.Count; done++)
            {
                last = await watch.UntilFinalAsync(ids[done], invocation.Timeout - invocation.Shell.Time.GetElapsedTime(started), ct);
                if (last is not Answer.Ok job) return last is Answer.TimedOut late ? late with { Patience = invocation.Timeout ?? late.Patience } : last;
                finished(job.Body);
                bar.Report(done + 1);
            }
            return last;
        });

    /// <summary>Waits until one has ended.</summary>
    /// <param name="finished">Told each of them that has ended by then.</param>
    public static async Task<Answer> ForAnyAsync(IReadOnlyList<string> ids, Action<JsonElement> finished, Invocation invocation, CancellationToken ct)
    {
        var answer = await new JobWatch(invocation.Client, invocation.Shell.Time).UntilAnyAsync(ids, invocation.Timeout, ct);
        if (answer is Answer.Ok ok)
            foreach (var job in ok.Body.GetProperty("done").EnumerateArray()) finished(job);
        return answer;
    }

    /// <summary>Moves the bar. That the stream cannot be had matters to nobody: the wait itself says what is wrong.</summary>
    private static async Task FollowAsync(string id, ProgressBar bar, Invocation invocation, CancellationToken ct)
    {
        try
        {
            await new EventFollower(invocation.Client, invocation.Shell.Time).FollowAsync(Api.Job(id) + "/events", item =>
            {
                if (item.Kind == "progress" && item.Data.Number("percent") is { } percent) bar.Report(percent, item.Data.Text("message"));
                return ValueTask.FromResult(item.Kind != "done");
            }, ct);
        }
        catch (OperationCanceledException)
        {
            // The wait is over.
        }
    }
}
