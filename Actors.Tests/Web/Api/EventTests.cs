using System.Net;
using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActorPerf.Tests.Web.Api;

public sealed class EventTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private WebHost Host => shared.Host;

    [Fact]
    public async Task A_job_is_followed_to_its_end()
    {
        var id = await SubmitAsync(Host);
        using var stream = await Sse.OpenAsync(Host, $"jobs/{id}/events");
        Assert.Equal("text/event-stream", stream.ContentType);
        Assert.Equal("2000", stream.Retry);
        var first = await stream.NextAsync();
        Assert.Equal("state", first.Name);
        Assert.NotNull(first.Id);
        Assert.Equal(id.ToString(), first.Data.GetProperty("id").GetString());

        Host.Jobs.Tell(Namespace.Default, new JobEvent.Progress(id, new ProgressReport(40, "two of five", DateTimeOffset.UnixEpoch)));
        var progress = await stream.NextAsync();
        Assert.Equal(("progress", null), (progress.Name, progress.Id));
        Assert.Equal(40, progress.Data.GetProperty("percent").GetDouble());

        Host.Jobs.Tell(Namespace.Default, new JobEvent.Log(id, 1, new LogLine(DateTimeOffset.UnixEpoch, LogLevel.Error, "line\r\nnext")));
        var log = await stream.NextAsync();
        Assert.Equal("line\r\nnext", log.Data.GetProperty("text").GetString());
        Assert.Equal("error", log.Data.GetProperty("level").GetString());

        Host.Jobs.Finish(id, "{\n \"a\":\r\n 1}");
        var done = await stream.NextAsync();
        Assert.Equal("done", done.Name);
        Assert.Equal(1, done.Data.GetProperty("result").GetProperty("a").GetInt32());
        Assert.True(await stream.EndedAsync());
    }

    [Fact]
    public async Task The_data_of_an_event_is_one_line_whatever_lines_it_was_written_on()
    {
        var id = await SubmitAsync(Host);
        Host.Jobs.Finish(id, "{\n \"a\":\r\n 1,\r \"b\": \"x\\ny\"}");
        var told = await Host.Client.GetStringAsync($"jobs/{id}/events");
        var data = told.Split('\n').Where(static line => line.StartsWith("data: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(told.Split('\n').Count(static line => line.StartsWith("event: ", StringComparison.Ordinal)), data.Count);
        Assert.DoesNotContain('\r', told);
        var result = JsonDocument.Parse(data[^1][6..]).RootElement.GetProperty("result");
        Assert.Equal((1, "x\ny"), (result.GetProperty("a").GetInt32(), result.GetProperty("b").GetString()));
    }

    [Fact]
    public async Task A_stream_resumes_behind_the_last_event()
    {
        var id = await SubmitAsync(Host);
        string seen;
        using (var first = await Sse.OpenAsync(Host, $"jobs/{id}/events")) seen = (await first.NextAsync()).Id!;
        Host.Jobs.Change(id, static job => job with { Row = job.Row with { State = JobState.Running } });
        Host.Jobs.Finish(id, "1");
        using var second = await Sse.OpenAsync(Host, $"jobs/{id}/events", ("Last-Event-ID", seen));
        Assert.Equal("running", (await second.NextAsync()).Data.GetProperty("state").GetString());
        Assert.Equal("done", (await second.NextAsync()).Name);
        Assert.True(await second.EndedAsync());

        using var future = await Sse.OpenAsync(Host, $"jobs/{id}/events", ("Last-Event-ID", "9000000"));
        Assert.Equal("reset", (await future.NextAsync()).Name);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("99999999999999999999")]
    public async Task A_bad_last_event_id_is_refused(string last)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"jobs/{await SubmitAsync(Host)}/events");
        request.Headers.Add("Last-Event-ID", last);
        using var response = await Host.Client.SendAsync(request);
        await response.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task All_jobs_of_a_namespace_are_followed()
    {
        using var stream = await Sse.OpenAsync(Host, "events?task=echo");
        var id = await SubmitAsync(Host);
        while ((await stream.NextAsync()).Data.GetProperty("id").GetString() != id.ToString())
        {
            // Other tests of the class submit as well.
        }
        using var bad = await Host.Client.GetAsync("events?state=done");
        await bad.ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_comment_comes_every_15_seconds_and_a_revoked_key_ends_the_stream()
    {
        var time = new TurnedTime();
        var key = ApiKey.New();
        var options = new HttpOptions();
        options.Auth.Keys["dash"] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = ["read", "submit"] };
        var monitor = new ManualMonitor(options);
        await using var host = await WebHost.StartAsync(options, services => services.AddSingleton<TimeProvider>(time).AddSingleton<IOptionsMonitor<HttpOptions>>(monitor));
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var stream = await Sse.OpenAsync(host, $"jobs/{await SubmitAsync(host)}/events");
        await stream.NextAsync();
        for (var i = 0; i < 2; i++)
        {
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(15));
            time.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(":", await stream.LineAsync());
        }
        monitor.Set(new HttpOptions());
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(15));
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(await stream.EndedAsync());
    }

    [Fact]
    public async Task A_revoked_key_ends_a_stream_that_is_never_silent_too()
    {
        var time = new TurnedTime();
        var key = ApiKey.New();
        var options = new HttpOptions();
        options.Auth.Keys["dash"] = new KeyOptions { Hash = ApiKey.Hash(key), Scopes = ["read", "submit"] };
        var monitor = new ManualMonitor(options);
        await using var host = await WebHost.StartAsync(options, services => services.AddSingleton<TimeProvider>(time).AddSingleton<IOptionsMonitor<HttpOptions>>(monitor));
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var id = await SubmitAsync(host);
        using var stream = await Sse.OpenAsync(host, $"jobs/{id}/events");
        await stream.NextAsync();
        monitor.Set(new HttpOptions());
        Tell(10);
        Assert.Equal("progress", (await stream.NextAsync()).Name);
        Tell(20);
        Assert.True(await stream.EndedAsync());

        void Tell(int percent)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            host.Jobs.Tell(Namespace.Default, new JobEvent.Progress(id, new ProgressReport(percent, null, DateTimeOffset.UnixEpoch)));
        }
    }

    [Fact]
    public async Task Streams_of_one_namespace_are_bounded()
    {
        var options = new HttpOptions();
        options.Limits.Streams = 1;
        await using var host = await WebHost.StartAsync(options);
        using var first = await Sse.OpenAsync(host, "events");
        using var second = await host.Client.GetAsync("events");
        await second.ProblemAsync(429, "rate-limited");
        Assert.True(second.Headers.Contains("Retry-After"));
        using var other = await Sse.OpenAsync(host, "events", ("ActorPerf-Namespace", "other"));
    }

    private static async Task<JobId> SubmitAsync(WebHost host)
    {
        var id = new JobId(Guid.CreateVersion7());
        await host.Client.PostAsync("jobs", $$"""{"task": "echo", "id": "{{id}}"}""", HttpStatusCode.Accepted);
        return id;
    }
}

/// <summary>Reads server-sent events as a browser does.</summary>
internal sealed class Sse : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private Sse(HttpResponseMessage response, StreamReader reader)
    {
        _response = response;
        _reader = reader;
    }

    public string? Retry { get; private set; }

    public string? ContentType => _response.Content.Headers.ContentType?.MediaType;

    public static async Task<Sse> OpenAsync(WebHost host, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var stream = new Sse(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
        stream.Retry = (await stream._reader.ReadLineAsync())?.Replace("retry: ", "", StringComparison.Ordinal);
        Assert.Equal("", await stream._reader.ReadLineAsync());
        return stream;
    }

    /// <summary>The next line that is not empty.</summary>
    public async Task<string?> LineAsync()
    {
        string? line;
        do line = await _reader.ReadLineAsync();
        while (line is "");
        return line;
    }

    public async Task<bool> EndedAsync() => await LineAsync() is null;

    public async Task<(string Name, string? Id, JsonElement Data)> NextAsync()
    {
        var (name, id, data) = ("message", (string?)null, "");
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data += line[6..] + "\n";
            else if (line.Length == 0 && data.Length > 0) return (name, id, JsonDocument.Parse(data).RootElement);
        }
        throw new EndOfStreamException();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
