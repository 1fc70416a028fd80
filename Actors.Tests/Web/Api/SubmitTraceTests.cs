using ActorPerf.Jobs;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Which trace a job remembers of its submit. A host of its own: the first requests of a second are traced.</summary>
public sealed class SubmitTraceTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Fact]
    public async Task A_job_keeps_the_trace_that_its_caller_sent_and_else_that_of_its_request()
    {
        const string theirs = "0af7651916cd43dd8448eb211c80319c";
        Assert.Contains(theirs, (await SubmitAsync($"00-{theirs}-b7ad6b7169203331-01")).Kept, StringComparison.Ordinal);
        var (kept, answered) = await SubmitAsync(null);
        Assert.Equal(answered, kept);
    }

    private async Task<(string? Kept, string Answered)> SubmitAsync(string? traceParent)
    {
        var id = new JobId(Guid.CreateVersion7());
        using var request = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = Http.Json($$"""{"task": "echo", "id": "{{id}}"}""") };
        if (traceParent is not null) request.Headers.Add("traceparent", traceParent);
        using var accepted = await shared.Host.Client.SendAsync(request);
        return (shared.Host.Jobs.Seen.Single(submission => submission.Id == id).TraceParent, accepted.Headers.GetValues("traceparent").Single());
    }
}
