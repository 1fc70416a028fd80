using System.Net;
using ActorPerf.Web.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Web.Api;

public sealed class LogTests : IAsyncLifetime
{
    private WebHost? _host;

    private WebHost Host => _host ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _host = await WebHost.StartAsync();

    public async ValueTask DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task The_newest_lines_that_are_wanted_come_oldest_first()
    {
        Write("Shop.Orders", LogLevel.Information, "one");
        Write("Shop.Orders", LogLevel.Warning, "two <b>&\r\n");
        Write("Shop.Carts", LogLevel.Error, "three", new InvalidOperationException("no cart"));
        Assert.Equal(["two <b>&\r\n", "three"], await MessagesAsync("log?category=Shop&level=warning"));
        Assert.Equal(["three"], await MessagesAsync("log?category=Shop&limit=1"));
        Assert.Equal(["three"], await MessagesAsync("log?category=Shop&q=NO%20CART"));
        using var bad = await Host.Client.GetAsync("log?level=loud&limit=0");
        var detail = (await bad.ProblemAsync(400, "invalid-request")).GetProperty("detail").GetString()!;
        Assert.Contains("'loud' is none; there are trace, debug", detail, StringComparison.Ordinal);
        Assert.Contains("from 1 to 500", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_begins_with_what_is_remembered_and_goes_on_with_what_comes()
    {
        Write("Shop.Orders", LogLevel.Warning, "before");
        using var stream = await Sse.OpenAsync(Host, "log/events?category=Shop&last=1");
        var first = await stream.NextAsync();
        Assert.Equal(("line", "before"), (first.Name, first.Data.GetProperty("message").GetString()));
        Write("Shop.Orders", LogLevel.Warning, "after");
        Assert.Equal("after", (await stream.NextAsync()).Data.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_level_is_set_while_the_node_runs_and_taken_back()
    {
        var before = Level("Shop.Levels");
        await SetAsync("""{"category":"Shop.Lev","level":"trace"}""");
        Assert.Equal(LogLevel.Trace, Level("Shop.Levels"));
        Assert.Equal(before, Level("Shop.Other"));
        await SetAsync("""{"category":"Shop.Lev","level":"none"}""");
        Assert.Equal(LogLevel.None, Level("Shop.Levels"));
        await SetAsync("""{"category":"Shop.Lev","level":null}""");
        Assert.Equal(before, Level("Shop.Levels"));
    }

    [Theory]
    [InlineData("""{"category":"A","level":"loud"}""", "is no level: write trace, debug")]
    [InlineData("""{"category":"","level":"debug"}""", "1 to 200 characters")]
    [InlineData("""{"category":"A"}""", "or null for the host")]
    public async Task What_is_no_level_changes_nothing(string body, string says)
    {
        using var answer = await Host.Client.PutAsync(new Uri("log/levels", UriKind.Relative), Http.Json(body));
        var problem = await answer.ProblemAsync(400, "invalid-request");
        Assert.Contains(says, problem.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(Host.Services.GetRequiredService<LogLevels>().Set);
    }

    [Fact]
    public async Task A_hundred_categories_have_a_level_of_their_own_and_no_more()
    {
        var levels = Host.Services.GetRequiredService<LogLevels>();
        for (var i = 0; i < LogLevels.MaxSet; i++) Assert.True(levels.TrySet($"C{i}.", LogLevel.Error));
        using var answer = await Host.Client.PutAsync(new Uri("log/levels", UriKind.Relative), Http.Json("""{"category":"More","level":"debug"}"""));
        await answer.ProblemAsync(409, "state-conflict");
        await SetAsync("""{"category":"C1.","level":"debug"}""");
    }

    [Fact]
    public async Task A_follower_that_is_slow_is_told_how_many_lines_it_missed()
    {
        using var book = new LogBook(TimeProvider.System);
        var logger = book.CreateLogger("Shop");
        await using var lines = book.FollowAsync(new LogFilter(LogLevel.Trace, null, null), 0, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = lines.MoveNextAsync();
        for (var i = 0; i < 1_501; i++) logger.LogWarning("{Line}", i);
        Assert.True(await first);
        var (seen, missed) = (1, lines.Current.Missed);
        while (lines.Current.Line.Seq < 1_501)
        {
            Assert.True(await lines.MoveNextAsync());
            seen++;
            missed += lines.Current.Missed;
        }
        Assert.Equal(1_501, seen + missed);
        Assert.True(missed > 0);
    }

    [Fact]
    public void A_long_line_is_cut_and_old_ones_are_forgotten()
    {
        using var book = new LogBook(TimeProvider.System);
        var logger = book.CreateLogger("Shop");
        for (var i = 0; i < LogBook.MaxLines + 5; i++) logger.LogWarning("{Line}", new string('x', 10_000));
        var lines = book.Last(new LogFilter(LogLevel.Trace, null, null), LogBook.MaxLines);
        Assert.Equal((LogBook.MaxLines, 6L, 4_096), (lines.Count, lines[0].Seq, lines[0].Message.Length));
    }

    private ILogger Logger(string category) => Host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

    private LogLevel Level(string category) => LogLevels.Of(Host.Services.GetRequiredService<ILoggerFactory>(), category);

    private void Write(string category, LogLevel level, string message, Exception? exception = null) => Logger(category).Log(level, new EventId(7), message, exception, static (text, _) => text);

    private async Task<string[]> MessagesAsync(string path)
    {
        using var answer = await Host.Client.GetAsync(path);
        return [.. (await answer.BodyAsync()).GetProperty("items").EnumerateArray().Select(line => line.GetProperty("message").GetString()!)];
    }

    private async Task SetAsync(string body)
    {
        using var answer = await Host.Client.PutAsync(new Uri("log/levels", UriKind.Relative), Http.Json(body));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
