using System.Diagnostics;
using System.Net;
using ActorPerf.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>Ends of a node: asked for, insisted on, and unforeseen. Nothing that was acknowledged is lost by any. Each has a node of its own and beside others, so that
/// what is to be cut short is long enough for a busy machine.</summary>
public sealed class StopTests
{
    [Fact]
    public async Task A_stop_takes_no_more_work_and_lets_attempts_finish()
    {
        await using var node = await NodeProcess.StartAsync(NodeProcess.Pools + NodeProcess.Tasks);
        var id = await node.Api.SubmitAsync("""{"task":"held"}""");
        await node.Api.ReachesAsync(id, "running");
        var waiting = WaitAsync(node.Api, id);
        await node.Program.SignalAsync("TERM");
        await node.Program.SaidAsync("Stopping:");
        await node.Program.SaidAsync("Draining:");      // from here on
        await RefusesWorkAsync(node.Api);
        await File.WriteAllTextAsync(Path.Combine(node.Folder, "go"), "", TestContext.Current.CancellationToken);
        await waiting;
        Assert.Equal(ExitCodes.Done, await node.Program.ExitAsync());
        await node.VerifyOfflineAsync();

        await node.StartAsync();
        var job = await node.Api.ReachesAsync(id, "succeeded");
        Assert.Equal((1, 0, 0), (job.Number("attempt"), job.Number("excused"), job.Number("crashes")));
    }

    /// <summary>Whoever waits is told; but who asks again just then may find nobody there any more.</summary>
    private static async Task WaitAsync(NodeApi api, string id)
    {
        try
        {
            await api.ReachesAsync(id, "succeeded");
        }
        catch (HttpRequestException)
        {
            // It listens no longer.
        }
    }

    [Fact]
    public async Task A_stop_waits_neither_for_event_streams_nor_for_those_who_wait_for_a_job()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await StopBesideWaitersAsync();
                return;
            }
            catch (HttpRequestException) when (attempt < 4)
            {
                // It had stopped listening before the one who waits came to it.
            }
        }
    }

    private static async Task StopBesideWaitersAsync()
    {
        await using var node = await NodeProcess.StartAsync();
        var id = await node.Api.SubmitAsync("""{"task":"square","args":{"n":3},"delay":"1h"}""");
        using var client = new HttpClient { BaseAddress = new Uri(node.Url) };
        using var stream = await client.GetAsync(new Uri("/api/v1/jobs/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var wait = new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/v1/jobs/{id}", UriKind.Relative));
        wait.Headers.Add("Prefer", "wait=60");
        var waiting = client.SendAsync(wait, TestContext.Current.CancellationToken);
        var asked = Stopwatch.GetTimestamp();
        await node.Program.SignalAsync("TERM");
        Assert.Equal(ExitCodes.Done, await node.Program.ExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"scheduled\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [FullFact]
    public async Task A_stop_hands_back_what_outlives_the_drain()
    {
        await using var node = await NodeProcess.StartAsync(NodeProcess.Pools + "actorperf.jobs.drain-timeout = 4s\n");
        var id = await node.Api.SubmitAsync("""{"task":"sleep","args":{"duration":"45s"}}""");
        await node.Api.ReachesAsync(id, "running");
        var asked = Stopwatch.GetTimestamp();
        await node.Program.SignalAsync("TERM");
        Assert.Equal(ExitCodes.Done, await node.Program.ExitAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(asked), TimeSpan.FromSeconds(3.9), TimeSpan.FromSeconds(30));
        await node.VerifyOfflineAsync();

        await node.StartAsync();
        var job = await node.Api.ReachesAsync(id, "running");
        Assert.Equal((2, 1, 0), (job.Number("attempt"), job.Number("excused"), job.Number("crashes")));
        Assert.Equal(["queued", "running", "queued", "running"], await node.Api.StatesAsync(id));
    }

    [FullFact]
    public async Task A_second_interrupt_ends_at_once()
    {
        await using var node = await NodeProcess.StartAsync();
        var id = await node.Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"}}""");
        await node.Api.ReachesAsync(id, "running");
        await node.Program.SignalAsync("INT");
        await node.Program.SaidAsync("Press Ctrl-C again");
        var waited = Stopwatch.StartNew();
        while (!node.Program.HasExited && waited.Elapsed < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);           // one that comes too soon counts as the same wish
            if (!node.Program.HasExited) await node.Program.SignalAsync("INT");
        }
        Assert.Equal(ExitCodes.Interrupted, await node.Program.ExitAsync());
    }

    [Fact]
    public async Task A_kill_costs_running_attempts_and_nothing_that_was_acknowledged()
    {
        await using var node = await NodeProcess.StartAsync(NodeProcess.Pools + NodeProcess.Tasks);
        var run = Guid.CreateVersion7();
        var body = $$$"""{"id":"{{{run}}}","task":"square","args":{"n":7}}""";
        var keyed = """{"task":"square","args":{"n":8}}""";
        var key = ("Idempotency-Key", "order-8");
        var running = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            node.Api.SubmitAsync("""{"task":"stuck-once","backoff":{"initial":"100ms"}}""")));
        var delayed = await node.Api.SubmitAsync("""{"task":"square","args":{"n":9},"delay":"5s"}""");
        var cancelling = await node.Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"},"maxAttempts":1}""");
        await node.Api.SubmitAsync(body);
        var first = await node.Api.PostAsync("/jobs", keyed, key);
        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        foreach (var id in running.Append(cancelling)) await node.Api.ReachesAsync(id, "running");
        await node.KillAsync();
        await node.StartAsync();

        var same = await node.Api.PostAsync("/jobs", body);
        Assert.Equal((HttpStatusCode.OK, run.ToString()), (same.Status, same.Text("id")));
        Assert.True(same.Body.GetProperty("deduplicated").GetBoolean());
        var other = await node.Api.PostAsync("/jobs", $$$"""{"id":"{{{run}}}","task":"square","args":{"n":70}}""");
        Assert.Equal((HttpStatusCode.Conflict, "id-conflict"), (other.Status, other.Text("code")));
        var replayed = await node.Api.PostAsync("/jobs", keyed, key);
        Assert.Equal((HttpStatusCode.Accepted, first.Text("id"), "true"), (replayed.Status, replayed.Text("id"), replayed.Header("Idempotent-Replayed")));
        var mismatch = await node.Api.PostAsync("/jobs", """{"task":"square","args":{"n":80}}""", key);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-mismatch"), (mismatch.Status, mismatch.Text("code")));

        foreach (var id in running)
        {
            var job = await node.Api.ReachesAsync(id, "succeeded");
            Assert.Equal((2, 1, 1), (job.Number("attempt"), job.Number("excused"), job.Number("crashes")));
            Assert.Equal(["queued", "running", "retrying"], (await node.Api.StatesAsync(id))[..3]);
        }
        Assert.Equal(0, (await node.Api.ReachesAsync(delayed, "succeeded")).Number("crashes"));
        await node.Api.ReachesAsync(run.ToString(), "succeeded");
        // A lost run costs no attempt, so even the only one there is comes again.
        Assert.Equal(2, (await node.Api.ReachesAsync(cancelling, "running")).Number("attempt"));
        await node.Api.VerifyAsync();
    }

    private static async Task RefusesWorkAsync(NodeApi api)
    {
        try
        {
            var refused = await api.PostAsync("/jobs", """{"task":"square","args":{"n":1}}""");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), (refused.Status, refused.Text("code")));
        }
        catch (HttpRequestException)
        {
            // It does not even listen any more.
        }
    }
}
