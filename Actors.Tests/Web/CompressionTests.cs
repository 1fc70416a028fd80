using System.IO.Compression;
using System.Net;
using System.Text;
using ActorPerf.Tests.Web.Api;
using ActorPerf.Tests.Web.Console.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web;

/// <summary>What goes out compressed, and what never does.</summary>
public sealed class CompressionTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip;q=1.0, br;q=0.1", "br")]
    [InlineData("br;q=0, gzip", "gzip")]
    [InlineData("identity", null)]
    [InlineData("br;q=0, *", null)]
    public async Task A_page_is_packed_as_its_reader_likes_it(string accepted, string? coding)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var plain = await AskAsync(host.Http, "/queues", null);
        using var answer = await AskAsync(host.Http, "/queues", accepted);
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        Assert.Equal(WithoutToken(await UnpackedAsync(plain)), WithoutToken(await UnpackedAsync(answer)));
        if (coding is not null) Assert.InRange(answer.Content.Headers.ContentLength ?? 0, 1_000, (plain.Content.Headers.ContentLength ?? 0) / 3);
    }

    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData("same-origin", "br")]
    [InlineData("none", "br")]
    public async Task What_another_site_asked_for_is_not_packed(string site, string? coding)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var answer = await AskAsync(host.Http, "/jobs?q=task%3Areport", "br", ("Sec-Fetch-Site", site));
        Assert.Equal(coding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
    }

    [Fact]
    public async Task A_page_s_form_token_is_never_the_same_text_twice()
    {
        await using var host = await ConsoleHost.StartAsync();
        var tokens = new HashSet<string>();
        for (var i = 0; i < 3; i++) tokens.Add((await host.PageAsync("/")).QuerySelector("input[name=__RequestVerificationToken]")?.GetAttribute("value") ?? "");
        Assert.Equal(3, tokens.Count);
    }

    [Theory]
    [InlineData("/jobs/export.csv")]
    [InlineData("/jobs/export.ndjson")]
    public async Task A_file_of_a_list_is_packed_as_it_is_written(string path)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var plain = await AskAsync(host.Http, path, null);
        using var answer = await AskAsync(host.Http, path, "br");
        Assert.Equal("br", answer.Content.Headers.ContentEncoding.Single());
        Assert.Equal(await UnpackedAsync(plain), await UnpackedAsync(answer));
    }

    [Theory]
    [InlineData("/console/events?view=overview")]
    [InlineData("/console/events?view=jobs")]
    public async Task An_event_stream_is_never_packed(string path)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        using var answer = await AskAsync(host.Http, path, "br, gzip", option: HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_long_list_of_the_API_is_packed_and_a_short_answer_is_not()
    {
        await using var host = await WebHost.StartAsync();
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders");
        for (var i = 0; i < 40; i++) log.Log(LogLevel.Warning, default, i, null, static (i, _) => $"order {i} is late");
        using var plain = await AskAsync(host.Client, "log?limit=40&category=Shop", null);
        using var answer = await AskAsync(host.Client, "log?limit=40&category=Shop", "gzip, br");
        Assert.Equal("br", answer.Content.Headers.ContentEncoding.Single());
        Assert.Equal(await UnpackedAsync(plain), await UnpackedAsync(answer));
        using var small = await AskAsync(host.Client, "version", "br");
        Assert.Empty(small.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/jobs?state=failed")]
    [InlineData("/jobs/export.csv")]
    [InlineData("/console/events?view=overview")]
    [InlineData("/nowhere")]
    public async Task HEAD_answers_as_GET_does_without_a_body(string path)
    {
        await using var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        await SameHeadAsync(host.Http, path);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("tasks")]
    [InlineData("jobs?limit=5")]
    [InlineData("jobs?nonsense=1")]
    [InlineData("nothing")]
    [InlineData("events")]
    [InlineData("/health/live")]
    [InlineData("/openapi/v1.json")]
    public async Task HEAD_of_the_API_too(string path)
    {
        await using var host = await WebHost.StartAsync();
        await SameHeadAsync(host.Client, path);
    }

    private static async Task SameHeadAsync(HttpClient http, string path)
    {
        using var get = await AskAsync(http, path, "br", option: HttpCompletionOption.ResponseHeadersRead);
        using var head = await AskAsync(http, path, "br", method: HttpMethod.Head);
        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.NotEqual(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Content.Headers.ContentEncoding, head.Content.Headers.ContentEncoding);
        Assert.Equal(get.Headers.CacheControl, head.Headers.CacheControl);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ct));
    }

    private static async Task<HttpResponseMessage> AskAsync(
        HttpClient http, string path, string? accepted, (string Name, string Value)? header = null, HttpMethod? method = null, HttpCompletionOption option = HttpCompletionOption.ResponseContentRead)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accepted is not null) request.Headers.AcceptEncoding.ParseAdd(accepted);
        if (header is { } more) request.Headers.Add(more.Name, more.Value);
        return await http.SendAsync(request, option, Ct);
    }

    private static async Task<string> UnpackedAsync(HttpResponseMessage answer)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(Ct);
        await using Stream plain = answer.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain, Encoding.UTF8);
        return await reader.ReadToEndAsync(Ct);
    }

    private static string WithoutToken(string html) => System.Text.RegularExpressions.Regex.Replace(html, "name=\"__RequestVerificationToken\" value=\"[^\"]*\"", "");
}
