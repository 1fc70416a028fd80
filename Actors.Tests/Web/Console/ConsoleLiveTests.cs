using ActorPerf.Cluster;
using ActorPerf.Tasks;
using System.Text.Json.Nodes;
using ActorPerf.Jobs;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Live;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Web.Console;

public sealed class ConsoleLiveTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/jobs")]
    [InlineData("/jobs?state=running")]
    [InlineData("/queues")]
    [InlineData("/cache")]
    [InlineData("/data")]
    [InlineData("/cluster")]
    [InlineData("/queues/cpu")]
    [InlineData("/cluster/self")]
    [InlineData("/cluster/node-2")]
    [InlineData("/jobs/01990000-0000-7000-8000-000000000004")]
    [InlineData("/schedules")]
    [InlineData("/schedules/hourly")]
    [InlineData("/webhooks")]
    [InlineData("/webhooks/billing")]
    [InlineData("/traces")]
    [InlineData("/traces?sort=slowest&kind=request")]
    [InlineData("/traces/routes")]
    [InlineData("/traces/calls")]
    public async Task A_first_frame_says_what_the_page_says(string path)
    {
        await using var host = await ConsoleHost.StartAsync("/ops");
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        var page = await host.PageAsync(path);
        await using var stream = await EventReader.OpenAsync(host, page.Body?.GetAttribute("data-live-url") ?? "");
        var frame = await stream.NextFrameAsync();
        Assert.Equal(page.Body?.GetAttribute("data-shape"), frame["shape"]?.GetValue<string>());
        AssertSame(page, "data-live", frame["set"]);
        foreach (var (name, rows) in frame["rows"]?.AsObject() ?? [])
        {
            var shown = page.QuerySelectorAll($"[data-rows='{name}'] > *").ToDictionary(row => row.GetAttribute("data-key") ?? "");
            if (name is "jobs" or "ticks" or "deliveries" or "traces") Assert.Equal(shown.Keys, rows?["order"]?.AsArray().Select(key => key?.GetValue<string>() ?? "") ?? []);
            foreach (var (key, cells) in rows?["set"]?.AsObject() ?? []) AssertSame(shown[key], "data-cell", cells);
        }
    }

    [Fact]
    public async Task A_change_is_sent_as_what_changed_and_nothing_more()
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await using var stream = await EventReader.OpenAsync(host, "/console/events?view=jobs&state=running");
        await stream.NextFrameAsync();
        host.Jobs.All[3] = host.Jobs.All[3] with { Progress = new ProgressReport(88, "nearly", FakeJobs.Noon) };
        var frame = await stream.NextFrameAsync();
        Assert.Equal("{}", frame["set"]?.ToJsonString());
        Assert.Equal("""{"note":"88 % · nearly","note@title":"88 % · nearly"}""", Relaxed(frame["rows"]?["jobs"]?["set"]?[Sample.Id(4).ToString()]));
    }

    [Fact]
    public async Task A_delivery_that_comes_is_a_row_of_its_webhook_s_page()
    {
        await using var host = await ConsoleHost.StartAsync();
        FakeWork.Fill(host);
        var webhooks = host.Services.GetRequiredService<FakeWebhooks>();
        await using var stream = await EventReader.OpenAsync(host, "/console/events?view=webhooks&name=billing");
        await stream.NextFrameAsync();
        var sent = webhooks.Sent[0] with { Id = Sample.Id(990).Value, Attempts = 7 };
        webhooks.Sent = [sent, .. webhooks.Sent];
        var rows = (await stream.NextFrameAsync())["rows"]?["deliveries"];
        Assert.Equal(sent.Id.ToString(), rows?["order"]?[0]?.GetValue<string>());
        Assert.Equal([sent.Id.ToString()], rows?["set"]?.AsObject().Select(row => row.Key) ?? []);
        Assert.Equal("7", rows?["set"]?[sent.Id.ToString()]?["attempts"]?.GetValue<string>());
    }

    [Fact]
    public async Task Many_watchers_cost_one_sample_and_none_cost_nothing()
    {
        var clock = new HandClock();
        var topics = new LiveTopics(clock, NullLogger<LiveTopics>.Instance);
        var source = new CountingSource();
        var first = topics.TryJoin("view", () => source);
        var second = topics.TryJoin("view", () => throw new InvalidOperationException("The view is open already."));
        Assert.NotNull(first);
        Assert.NotNull(second);
        var ct = TestContext.Current.CancellationToken;
        Assert.Same(await first.NextAsync(0, ct), await second.NextAsync(0, ct));
        Assert.Equal(1, source.Samples);
        clock.Advance(LiveTopics.Pace);
        Assert.Equal(2, (await first.NextAsync(1, ct)).Number);
        Assert.Equal(2, source.Samples);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, topics.Count);
        second.Dispose();
        Assert.Equal(0, topics.Count);
        await source.Disposed.WaitAsync(ct);
        clock.Advance(LiveTopics.Pace);
        Assert.Equal(2, source.Samples);
    }

    [Fact]
    public void One_key_does_not_take_the_views_of_all()
    {
        var topics = new LiveTopics(new HandClock(), NullLogger<LiveTopics>.Instance);
        var taken = Enumerable.Range(0, LiveTopics.MaxOfOne).Select(i => topics.TryJoin($"view {i}", () => new CountingSource(), "one")).ToList();
        Assert.All(taken, Assert.NotNull);
        Assert.Null(topics.TryJoin("view 0", () => new CountingSource(), "one"));
        using var other = topics.TryJoin("another", () => new CountingSource(), "two");
        Assert.NotNull(other);
        taken[0]?.Dispose();
        taken[0] = topics.TryJoin("again", () => new CountingSource(), "one");
        Assert.NotNull(taken[0]);
        foreach (var watcher in taken) watcher?.Dispose();
        Assert.Equal(1, topics.Count);
    }

    [Fact]
    public async Task A_slow_reader_gets_the_newest_frame_only()
    {
        var clock = new HandClock();
        var topics = new LiveTopics(clock, NullLogger<LiveTopics>.Instance);
        var source = new CountingSource();
        using var slow = topics.TryJoin("view", () => source);
        using var quick = topics.TryJoin("view", () => source);
        Assert.NotNull(slow);
        Assert.NotNull(quick);
        var ct = TestContext.Current.CancellationToken;
        for (var seen = 0L; seen < 5; seen++)
        {
            await quick.NextAsync(seen, ct);
            clock.Advance(LiveTopics.Pace);
        }
        await quick.NextAsync(5, ct);
        Assert.Equal(6, (await slow.NextAsync(1, ct)).Number);
    }

    [Fact]
    public async Task A_source_that_fails_leaves_the_last_frame_and_recovers()
    {
        var clock = new HandClock();
        var topics = new LiveTopics(clock, NullLogger<LiveTopics>.Instance);
        var source = new CountingSource { FailsAt = 2 };
        using var watcher = topics.TryJoin("view", () => source);
        Assert.NotNull(watcher);
        var ct = TestContext.Current.CancellationToken;
        await watcher.NextAsync(0, ct);
        clock.Advance(LiveTopics.Pace);
        await source.Sampled(2).WaitAsync(ct);
        clock.Advance(LiveTopics.Pace);
        Assert.Equal(2, (await watcher.NextAsync(1, ct)).Number);
        Assert.Equal(3, source.Samples);
    }

    [Fact]
    public void A_frame_that_says_nothing_new_is_not_sent()
    {
        var state = new LiveState { Shape = "a", Values = new LiveValues { ["x"] = "1", ["y@title"] = "t" } };
        var first = LiveFrame.After(null, state, FakeJobs.Noon);
        Assert.NotNull(first);
        Assert.Null(LiveFrame.After(first, new LiveState { Shape = "a", Values = new LiveValues { ["x"] = "1", ["y@title"] = "t" } }, FakeJobs.Noon));
        var next = LiveFrame.After(first, new LiveState { Shape = "a", Values = new LiveValues { ["x"] = "2" } }, FakeJobs.Noon);
        Assert.Equal("""{"x":"2","y@title":null}""", JsonNode.Parse(next?.Change)?["set"]?.ToJsonString());
    }

    private static string Relaxed(JsonNode? node) => System.Text.RegularExpressions.Regex.Unescape(node?.ToJsonString() ?? "");

    private static void AssertSame(IParentNode root, string mark, JsonNode? values)
    {
        foreach (var (name, value) in values?.AsObject() ?? [])
        {
            var (key, attribute) = name.LastIndexOf('@') is var at && at > 0 ? (name[..at], name[(at + 1)..]) : (name, null);
            var element = root.QuerySelectorAll($"[{mark}]").FirstOrDefault(element => element.GetAttribute(mark) == key);
            if (element is null) Assert.True(key is "progress" or "progress-text" || key.EndsWith("-gauge", StringComparison.Ordinal), $"The page marks nothing as {mark}='{key}'.");
            else Assert.Equal(value?.GetValue<string>(), attribute is null ? element.TextContent : element.GetAttribute(attribute));
        }
    }

    private sealed class CountingSource : ILiveSource
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource[] _sampled = [.. Enumerable.Range(0, 20).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private int _samples;

        public int Samples => Volatile.Read(ref _samples);
        public int FailsAt { get; init; }
        public Task Disposed => _disposed.Task;

        public Task Sampled(int number) => _sampled[number].Task;

        public ValueTask<LiveState> SampleAsync(CancellationToken ct)
        {
            var number = Interlocked.Increment(ref _samples);
            _sampled[number].TrySetResult();
            if (number == FailsAt) throw new StoreUnavailableException();
            return ValueTask.FromResult(new LiveState { Values = new LiveValues { ["n"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture) } });
        }

        public ValueTask DisposeAsync()
        {
            _disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
