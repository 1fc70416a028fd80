using System.Net;
using System.Net.Http.Json;
using ActorPerf.Tests.Architecture;
using ActorPerf.Tests.Tracing.Metrics;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Web.Api;

/// <summary>What a whole node answers to a scraper after some work.</summary>
public sealed class MetricsTests(MetricsTests.WorkedNode node) : IClassFixture<MetricsTests.WorkedNode>
{
    private IReadOnlyDictionary<string, PrometheusReader.Family> Families { get; } = PrometheusReader.Read(node.Text);

    [Fact]
    public void The_answer_names_its_format() => Assert.Equal("text/plain; version=0.0.4; charset=utf-8", node.ContentType);

    [Fact]
    public void Jobs_are_counted_by_queue_task_and_outcome()
    {
        Assert.Equal(2, Families["actorperf_jobs_submitted_total"][("queue", "default"), ("task", "square")]);
        Assert.Equal(2, Families["actorperf_jobs_finished_total"][("queue", "default"), ("task", "square"), ("outcome", "succeeded")]);
        Assert.Equal(1, Families["actorperf_jobs_finished_total"][("task", "fail"), ("outcome", "failed")]);
        Assert.Equal(1, Families["actorperf_jobs_finished_total"][("queue", "later"), ("outcome", "cancelled")]);
    }

    [Fact]
    public void Waits_and_runs_are_distributions()
    {
        foreach (var name in (string[])["actorperf_job_wait_seconds", "actorperf_job_run_seconds"])
            Assert.Equal(3, Assert.Single(Families[name].Samples, sample => sample.Name == $"{name}_count" && sample.Labels["queue"] == "default").Value);
    }

    [Fact]
    public void Queues_tell_what_waits() => Assert.Equal(1, Families["actorperf_queue_depth"][("queue", "nobody"), ("state", "queued")]);

    [Fact]
    public void Workers_are_idle_when_nothing_runs()
    {
        Assert.Equal(4, Families["actorperf_workers"][("queue", "default"), ("state", "idle")]);
        Assert.Equal(0, Families["actorperf_workers"][("queue", "default"), ("state", "job")]);
    }

    [Fact]
    public void The_cache_counts_by_outcome() => Assert.Equal(1, Families["actorperf_cache_requests_total"][("cache", "square"), ("outcome", "hit")]);

    [Fact]
    public void Batches_of_reads_are_counted()
    {
        Assert.Equal(2, Families["actorperf_data_keys_total"][("pipeline", "reads")]);
        Assert.Equal(1, Families["actorperf_data_statements_total"][("pipeline", "reads")]);
        Assert.Equal(2, Assert.Single(Families["actorperf_data_batch_keys"].Samples, sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal) && sample.Labels["pipeline"] == "reads").Value);
    }

    [Fact]
    public void Requests_are_counted_by_route()
    {
        var durations = Families["http_server_request_duration_seconds"];
        Assert.Equal(2, Assert.Single(durations.Samples, sample => sample.Name.EndsWith("_count", StringComparison.Ordinal) && sample.Labels["http_route"] == "/api/v1/compute/{task}").Value);
        Assert.True(Assert.Single(durations.Samples, sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal) && sample.Labels["http_route"] == "/api/v1/compute/{task}").Value > 0);
        Assert.All(durations.Samples, sample => Assert.Contains(sample.Labels["http_request_method"], (string[])["GET", "POST"]));
    }

    [Fact]
    public void Members_are_counted_by_status()
    {
        Assert.Equal(1, Families["actorperf_cluster_members"][("status", "up")]);
        Assert.Equal(0, Families["actorperf_cluster_unreachable_members"][[]]);
    }

    [Fact]
    public void The_build_says_which_it_is()
    {
        var build = Assert.Single(Families["actorperf_build_info"].Samples);
        Assert.Equal(1, build.Value);
        Assert.Equal(["version", "commit"], build.Labels.Keys);
        Assert.NotEmpty(build.Labels["version"]);
    }

#if !AKKA_PACKAGES
    [Fact]
    public void Actors_are_counted_by_class()
    {
        Assert.Equal(1, Families["actorperf_actors"][("actor_type", "JobTracker")]);
        Assert.True(Families["actorperf_actor_messages_total"][("actor_type", "JobTracker")] > 0);
        Assert.Equal(0, Families["actorperf_actor_restarts_total"][("actor_type", "JobTracker"), ("exception", "")]);
        Assert.Equal(0, Families["actorperf_actor_mailbox_depth"][("actor_type", "ComputeActor")]);
    }

    [Fact]
    public void The_page_lists_every_metric_and_no_other()
    {
        var page = SourceTree.Read("docs", "metrics.md");
        var listed = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1].Split('{')[0]).Order(StringComparer.Ordinal);
        Assert.Equal(Families.Keys.Order(StringComparer.Ordinal), listed);
    }

    [Fact]
    public void The_page_gives_each_metric_its_labels_and_kind()
    {
        var page = SourceTree.Read("docs", "metrics.md");
        Assert.All(Families.Values, family =>
        {
            var labels = string.Join(",", family.Samples.SelectMany(sample => sample.Labels.Keys).Distinct().Where(label => label != "le"));
            var name = labels.Length == 0 ? family.Name : $"{family.Name}{{{labels}}}";
            Assert.Contains($"| `{name}` | {family.Type} | ", page, StringComparison.Ordinal);
        });
    }
#endif

    /// <summary>A node that has run, failed, cancelled and kept jobs, computed, and read a batch.</summary>
    public sealed class WorkedNode : IAsyncLifetime
    {
        public string Text { get; private set; } = "";

        public string? ContentType { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await using var node = await NodeHost.StartAsync();
            foreach (var n in (int[])[3, 4]) await PostAsync(node, "jobs", $$$"""{"task":"square","args":{"n":{{{n}}}}}""", wait: true);
            await PostAsync(node, "jobs", """{"task":"fail","args":{"times":1},"maxAttempts":1}""", wait: true);
            var later = await PostAsync(node, "jobs", """{"task":"square","args":{"n":1},"queue":"later","delay":"1h"}""");
            using (var job = System.Text.Json.JsonDocument.Parse(later)) await PostAsync(node, $"jobs/{job.RootElement.GetProperty("id").GetString()}/cancel", "");
            await PostAsync(node, "jobs", """{"task":"square","args":{"n":1},"queue":"nobody"}""");
            await PostAsync(node, "compute/square", """{"n":12}""");
            await PostAsync(node, "compute/square", """{"n":12}""");
            await PostAsync(node, "data/Book/get", """{"ids":["a","b"]}""");
            // Compute actors are idle a moment after they have answered, and what a store that is slow does not tell in time is left out.
            await Eventually.Is(async () =>
            {
                using var answer = await node.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
                Text = await answer.Content.ReadAsStringAsync();
                ContentType = answer.Content.Headers.ContentType?.ToString();
                Assert.True(answer.IsSuccessStatusCode, Text);
                var families = PrometheusReader.Read(Text);
                return families.ContainsKey("actorperf_cluster_members")
                    && families["actorperf_workers"].Samples.All(static sample => sample.Labels["state"] == "idle" || sample.Value == 0);
            }, "the node is idle and tells all that it has");
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private static async Task<string> PostAsync(NodeHost node, string path, string body, bool wait = false)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Http.Json(body) };
            if (wait) request.Headers.Add("Prefer", "wait=60");
            using var answer = await node.Client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, text);
            return text;
        }
    }
}
