using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace ActorPerf.Tests.Processes;

/// <summary>What a job's attempts do over time, seen from outside.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class AttemptTests(SharedNode shared)
{
    private NodeApi Api => shared.Api;

    [Fact]
    public async Task A_job_that_fails_twice_succeeds_on_the_third_attempt_and_keeps_every_error()
    {
        var id = await Api.SubmitAsync("""{"task":"fail","args":{"times":2,"message":"not yet"},"backoff":{"initial":"50ms"}}""");
        var job = await Api.ReachesAsync(id, "succeeded");
        Assert.Equal((3, 0, 3), (job.Number("attempt"), job.Number("excused"), job.Number("result")));
        Assert.Equal(["queued", "running", "retrying", "queued", "running", "retrying", "queued", "running", "succeeded"], await WithQueuedAsync(id));
        Assert.Equal([(1, "not yet"), (2, "not yet")], await ErrorsAsync(id));
    }

    [Fact]
    public async Task A_job_that_always_fails_ends_with_its_last_error()
    {
        var id = await Api.SubmitAsync("""{"task":"fail","args":{"message":"never"},"maxAttempts":2,"backoff":{"initial":"50ms"}}""");
        var job = await Api.ReachesAsync(id, "failed");
        Assert.Equal((2, "never"), (job.Number("attempt"), job.Body.GetProperty("error").GetProperty("message").GetString()));
        Assert.Equal([(1, "never"), (2, "never")], await ErrorsAsync(id));
    }

    [Fact]
    public async Task An_attempt_ends_at_its_timeout()
    {
        var id = await Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"},"timeout":"200ms","maxAttempts":1}""");
        var job = await Api.ReachesAsync(id, "failed");
        Assert.Equal("timeout", job.Body.GetProperty("error").GetProperty("type").GetString());
        // Timers fire up to a tick early, and on a machine that does other things, too, seconds late.
        Assert.InRange(job.Body.GetProperty("ran").GetDouble(), 0.18, Executable.Patience.TotalSeconds);
    }

    [Fact]
    public async Task A_cancel_reaches_running_code_within_a_second()
    {
        var best = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 3 && best > TimeSpan.FromSeconds(1); attempt++)
        {
            var id = await Api.SubmitAsync("""{"task":"sleep","args":{"duration":"1h"}}""");
            await Api.ReachesAsync(id, "running");
            var asked = Stopwatch.GetTimestamp();
            Assert.Equal(HttpStatusCode.Accepted, (await Api.PostAsync($"/jobs/{id}/cancel", "{}")).Status);
            await Api.ReachesAsync(id, "cancelled");
            var took = Stopwatch.GetElapsedTime(asked);
            if (took < best) best = took;
            Assert.Equal(["queued", "running", "cancelling", "cancelled"], await Api.StatesAsync(id));
        }
        Assert.InRange(best, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_cancel_of_a_waiting_job_ends_it_and_its_repetition_is_harmless()
    {
        var id = await Api.SubmitAsync("""{"task":"square","args":{"n":1},"queue":"nobody-serves-this"}""");
        var waiting = (await Api.GetAsync($"/jobs/{id}")).Body;
        Assert.Equal("queued", waiting.GetProperty("state").GetString());
        Assert.NotNull(waiting.GetProperty("reason").GetString());
        for (var repetition = 0; repetition < 2; repetition++)
        {
            var cancelled = await Api.PostAsync($"/jobs/{id}/cancel", "{}");
            Assert.Equal((HttpStatusCode.Accepted, "cancelled"), (cancelled.Status, cancelled.Text("state")));
        }
        Assert.Equal(["queued", "cancelled"], await Api.StatesAsync(id));
    }

    [FullFact]
    public async Task A_job_that_is_not_started_in_time_expires()
    {
        var id = await Api.SubmitAsync("""{"task":"square","args":{"n":1},"queue":"nobody-serves-this","expiresIn":"100ms"}""");
        var job = await Api.ReachesAsync(id, "expired");
        Assert.Equal(0, job.Number("attempt"));
        Assert.Equal(["queued", "expired"], await Api.StatesAsync(id));
    }

    [Fact]
    public async Task A_delayed_job_starts_when_its_time_has_come_and_not_before()
    {
        var asked = DateTimeOffset.UtcNow;
        var submitted = await Api.PostAsync("/jobs", """{"task":"square","args":{"n":31},"delay":"700ms"}""");
        Assert.Equal("scheduled", submitted.Text("state"));
        var job = (await Api.ReachesAsync(submitted.Text("id"), "succeeded")).Body;
        Assert.True(Time(job, "startedAt") >= Time(job, "runAt"), job.GetRawText());
        Assert.InRange(Time(job, "startedAt") - asked, TimeSpan.FromSeconds(0.699), Executable.Patience);
    }

    /// <summary>The states, each claim preceded by the queue: one that takes a due job directly leaves no trace of it.</summary>
    private async Task<string[]> WithQueuedAsync(string id)
    {
        var states = new List<string>();
        foreach (var state in await Api.StatesAsync(id))
        {
            if (state == "running" && states[^1] != "queued") states.Add("queued");
            states.Add(state);
        }
        return [.. states];
    }

    private async Task<(int Attempt, string? Message)[]> ErrorsAsync(string id) =>
    [
        .. (await Api.GetAsync($"/jobs/{id}/history")).Body.GetProperty("attempts").EnumerateArray()
            .Select(attempt => (attempt.GetProperty("attempt").GetInt32(), attempt.GetProperty("error").GetProperty("message").GetString())),
    ];

    private static DateTimeOffset Time(JsonElement job, string member) => job.GetProperty(member).GetDateTimeOffset();
}
