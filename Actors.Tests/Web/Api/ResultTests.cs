using System.IO.Compression;
using System.Net;
using System.Text;
using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>What is sent of a result: its own bytes, under its own type, and nothing that a browser would run.</summary>
public sealed class ResultTests : IAsyncLifetime
{
    private WebHost? _host;

    private WebHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("text/plain", "\"a \\u00fc \\\" b\"", "a ü \" b", "text/plain; charset=utf-8", false)]
    [InlineData("text/csv", "\"a,b\\n\"", "a,b\n", "text/csv; charset=utf-8", false)]
    [InlineData("text/html", "\"<script>alert(1)</script>\"", "<script>alert(1)</script>", "text/html; charset=utf-8", true)]
    [InlineData("image/svg+xml", "\"<svg/>\"", "<svg/>", "image/svg+xml; charset=utf-8", true)]
    [InlineData("application/octet-stream", "\"YWJj\"", "abc", "application/octet-stream", true)]
    public async Task A_result_has_the_type_of_its_task_and_can_do_nothing(string type, string json, string content, string contentType, bool attached)
    {
        Host.Jobs.Kept = stored => stored with { Media = ResultMedia.Of(type) };
        var id = await Finished(json);
        using var answer = await Host.Client.GetAsync($"jobs/{id}/result");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(content, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(contentType, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(attached ? $"attachment; filename=\"{id}\"" : null, answer.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.StartsWith("sandbox", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("gzip", false)]
    [InlineData("br;q=0, *", false)]
    [InlineData("gzip, br", true)]
    public async Task A_packed_result_goes_out_as_it_is_kept_to_those_who_take_it(string? accepts, bool asKept)
    {
        var json = $"\"{new string('x', 200_000)}\"";
        var packed = ResultPacking.TryPack(Encoding.UTF8.GetBytes(json))!;
        Host.Jobs.Kept = stored => stored with { Bytes = packed, Coding = ResultCoding.Brotli };
        var id = await Finished(json);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"jobs/{id}/result");
        if (accepts is not null) request.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);
        using var answer = await Host.Client.SendAsync(request);
        var sent = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(asKept ? ["br"] : [], answer.Content.Headers.ContentEncoding);
        Assert.Equal("Accept-Encoding", Assert.Single(answer.Headers.Vary));
        if (asKept) Assert.Equal(packed, sent);
        else Assert.Equal(json, Encoding.UTF8.GetString(sent));
        using var unpacked = new StreamReader(new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress));
        Assert.Equal(json, await unpacked.ReadToEndAsync());

        using var known = new HttpRequestMessage(HttpMethod.Get, $"jobs/{id}/result");
        known.Headers.TryAddWithoutValidation("If-None-Match", answer.Headers.ETag!.ToString());
        if (accepts is not null) known.Headers.TryAddWithoutValidation("Accept-Encoding", accepts);
        using var unchanged = await Host.Client.SendAsync(known);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    private async Task<JobId> Finished(string result)
    {
        var submitted = Assert.IsType<SubmitOutcome.Accepted>(await Host.Jobs.SubmitAsync(
            new Submission { Namespace = Namespace.Default, Task = "square", Args = "{\"n\":1}"u8.ToArray() }, default));
        Host.Jobs.Finish(submitted.Job.Row.Id, result);
        return submitted.Job.Row.Id;
    }
}
