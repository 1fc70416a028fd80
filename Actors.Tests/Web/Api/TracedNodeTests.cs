using ActorPerf.Tracing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Traces of a whole node, from the socket to the store.</summary>
public sealed class TracedNodeTests
{
    private const string Sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public async Task A_computation_and_its_hit_show_what_they_did()
    {
        await using var node = await NodeHost.StartAsync();
        var miss = await TraceOfAsync(node, await PostAsync(node, "compute/square", """{"n": 12}"""));
        Assert.Equal(("POST /api/v1/compute/{task}", 200, "default"), (miss.Summary.Route, miss.Summary.Status, miss.Summary.Namespace));
        Assert.Equal([CallKind.Request, CallKind.Cache, CallKind.Wait, CallKind.Compute], miss.Spans.OrderBy(static span => span.Kind == CallKind.Compute).Select(static span => span.Kind));
        Assert.Contains(KeyValuePair.Create(SpanTags.Outcome, "miss"), miss.Spans.Single(static span => span.Kind == CallKind.Cache).Tags);
        Assert.All(miss.Spans.Skip(1), span => Assert.True(span.Start >= TimeSpan.Zero && span.End <= miss.Summary.Duration, span.Name));

        var hit = await TraceOfAsync(node, await PostAsync(node, "compute/square", """{"n": 12}"""));
        Assert.Contains(KeyValuePair.Create(SpanTags.Outcome, "hit"), hit.Spans.Single(static span => span.Kind == CallKind.Cache).Tags);
    }

    [Fact]
    public async Task A_job_links_back_to_the_request_that_submitted_it()
    {
        await using var node = await NodeHost.StartAsync();
        var answer = await PostAsync(node, "jobs", """{"task": "sleep", "args": {"duration": "1ms"}}""", request => request.Headers.Add("Prefer", "wait=20"));
        var submit = await TraceOfAsync(node, answer);
        Assert.Contains(submit.Spans, static span => span.Kind == CallKind.Submit);
        var traces = node.Services.GetRequiredService<ITraces>();
        await Eventually.Is(() => traces.List(new TraceQuery("default") { Kind = CallKind.Attempt }).Count == 1, "the attempt is kept");
        var attempt = traces.Find("default", traces.List(new TraceQuery("default") { Kind = CallKind.Attempt }).Single().Id);
        Assert.Equal("job sleep", attempt?.Summary.Route);
        Assert.Equal(submit.Summary.TraceId, attempt?.Links.Single().TraceId);
        Assert.Contains(attempt!.Spans, static span => span.Kind == CallKind.Compute);
        Assert.Contains(attempt.Spans, static span => span.Kind == CallKind.Commit);
        Assert.Contains(traces.Find("default", submit.Summary.Id)!.Related, related => related.Id == attempt.Summary.Id);
    }

    [Fact]
    public async Task Callers_who_join_a_computation_share_its_span()
    {
        await using var node = await NodeHost.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => PostAsync(node, "compute/square", """{"n": 7, "delay": "300ms"}""")));
        var traces = await Task.WhenAll(answers.Select(answer => TraceOfAsync(node, answer)));
        var computed = traces.Select(static trace => trace.Spans.SingleOrDefault(static span => span.Kind == CallKind.Compute)).OfType<TraceSpan>().ToList();
        // Who comes after the end gets a hit; on a slow machine that may be one of them.
        Assert.Single(computed.Select(static span => span.Id).Distinct());
        Assert.All(computed, span => Assert.Equal(computed.Count, span.Shared?.Calls));
        Assert.All(computed, span => Assert.Equal(computed.Count - 1, span.Shared?.Others.Count));
    }

    [Fact]
    public async Task A_failed_task_is_an_error_of_its_route()
    {
        await using var node = await NodeHost.StartAsync();
        var failed = await TraceOfAsync(node, await PostAsync(node, "compute/fail", """{"times": 5}"""));
        Assert.Equal((500, "task-failed"), (failed.Summary.Status, failed.Summary.Error));
        Assert.Single(node.Services.GetRequiredService<ITraces>().List(new TraceQuery("default") { OnlyErrors = true }));
        var refused = await TraceOfAsync(node, await PostAsync(node, "compute/square", """{"n": "x"}"""));
        Assert.Equal((400, null), (refused.Summary.Status, refused.Summary.Error));
    }

    [FullFact]
    public async Task The_demonstration_over_HTTP_shows_its_staircase()
    {
        await using var node = await NodeHost.StartAsync();
        await PostAsync(node, "compute/demo-load", "{}", InDemo);
        var trace = await TraceOfAsync(node, await PostAsync(node, "compute/demo-messages", """{"mode": "loop"}""", InDemo), "demo");
        var stairs = Assert.Single(trace.Findings, static finding => finding.Sort == FindingSort.Staircase);
        Assert.Equal(50, stairs.Count);
        Assert.StartsWith("Demo/DemoTasks.cs:", stairs.CallSite, StringComparison.Ordinal);
        // The calls stand below the computation, and it below the call of the cache.
        var compute = trace.Spans.Single(static span => span.Kind == CallKind.Compute);
        Assert.All(trace.Spans.Where(static span => span.Kind == CallKind.Get), get => Assert.Equal(compute.Id, get.Parent));
        Assert.Null(node.Services.GetRequiredService<ITraces>().Find("default", trace.Summary.Id));
        Assert.Contains(node.Services.GetRequiredService<ITraces>().Findings("demo"), static found => found.Sort == FindingSort.Staircase);

        static void InDemo(HttpRequestMessage request) => request.Headers.Add("ActorPerf-Namespace", "demo");
    }

    [Fact]
    public async Task A_query_without_an_index_is_found_with_the_index_to_declare()
    {
        await using var node = await NodeHost.StartAsync();
        await PostAsync(node, "data/Account/put", """{"entities": [{"data": {"name": "a secret name"}}]}""");
        var trace = await TraceOfAsync(node, await PostAsync(node, "data/Account/query", """{"filter": {"name": {"eq": "a secret name"}}}"""));
        var finding = Assert.Single(trace.Findings, static finding => finding.Sort == FindingSort.NoIndex);
        Assert.Contains("\"name\"", finding.Message, StringComparison.Ordinal);
        Assert.NotNull(finding.CallSite);
        Assert.All(trace.Spans, static span => Assert.DoesNotContain("secret", span.Name + string.Concat(span.Tags), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_callers_trace_goes_on_in_the_answer_and_in_the_job()
    {
        await using var node = await NodeHost.StartAsync();
        var answer = await PostAsync(node, "jobs", """{"task": "sleep", "args": {"duration": "1ms"}}""", static request => request.Headers.Add("traceparent", Sent));
        var trace = await TraceOfAsync(node, answer);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", trace.Summary.TraceId);
        var traces = node.Services.GetRequiredService<ITraces>();
        await Eventually.Is(() => traces.List(new TraceQuery("default") { Kind = CallKind.Attempt }).Count == 1, "the attempt is kept");
        var attempt = traces.Find("default", traces.List(new TraceQuery("default") { Kind = CallKind.Attempt }).Single().Id);
        // No exporter has the spans of this node: what the caller sent is what its job is linked to.
        Assert.Equal(new TraceLink("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), attempt?.Links.Single());
    }

    private static async Task<HttpResponseMessage> PostAsync(NodeHost node, string path, string body, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, null, "application/json") };
        with?.Invoke(request);
        return await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>By what the answer says; the trace is kept when the handler has ended, which may be a moment after the answer.</summary>
    private static async Task<Trace> TraceOfAsync(NodeHost node, HttpResponseMessage answer, string ns = "default")
    {
        var traces = node.Services.GetRequiredService<ITraces>();
        var id = answer.Headers.GetValues("traceparent").Single();
        await Eventually.Is(() => traces.Find(ns, id) is not null, "the trace is kept");
        return traces.Find(ns, id)!;
    }
}
