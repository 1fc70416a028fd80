using ActorPerf.Tasks;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Web.Wire;

/// <summary>The request's header <c>ActorPerf-Cache</c>.</summary>
public sealed class CacheChoicesTests
{
    [Fact]
    public void Every_member_is_read()
    {
        var choice = Read("duration=10m, stale-while-revalidate=1m30s , stale-if-error=1h,eager=0.5", "negative=0s, soft-timeout=\"2s\", hard-timeout=30s, tags=\"red blue\", do-not-store, store, error-backoff=2s, error-throttle=1m, jitter=0, resilient");
        Assert.Equal(
            new CacheChoice
            {
                Duration = TimeSpan.FromMinutes(10), StaleWhileRevalidate = TimeSpan.FromSeconds(90), StaleIfError = TimeSpan.FromHours(1), Eager = 0.5, Negative = TimeSpan.Zero,
                SoftTimeout = TimeSpan.FromSeconds(2), HardTimeout = TimeSpan.FromSeconds(30), DoNotStore = true, Store = true,
                ErrorBackoff = TimeSpan.FromSeconds(2), ErrorThrottle = TimeSpan.FromMinutes(1), Jitter = 0, Resilient = true,
            },
            choice! with { Tags = null });
        Assert.Equal(["red", "blue"], choice.Tags);
        Assert.Null(Read());
        Assert.Null(Read(""));
    }

    [Theory]
    [InlineData("duration", "duration=")]
    [InlineData("duration=soon", "duration=soon")]
    [InlineData("duration=-1s", "duration=-1s")]
    [InlineData("duration=4000d", "duration=4000d")]
    [InlineData("eager=0", "eager=0")]
    [InlineData("eager=1", "eager=1")]
    [InlineData("eager=nan", "eager=nan")]
    [InlineData("jitter=1.1", "jitter=1.1")]
    [InlineData("error-backoff=2h", "error-backoff=2h")]
    [InlineData("error-throttle=25h", "error-throttle=25h")]
    [InlineData("resilient=1", "resilient=1")]
    [InlineData("tags=", "tags=")]
    [InlineData("tags=\"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\"", "tags=1 2 3")]
    [InlineData("do-not-store=yes", "do-not-store=yes")]
    [InlineData("store=off", "store=off")]
    [InlineData("Duration=1m", "Duration=1m")]
    [InlineData("duration=1m, ttl=5", "ttl=5")]
    public void What_is_not_understood_is_refused_by_name_and_value(string header, string named)
    {
        var refusal = Refused(header);
        Assert.Equal("invalid-request", refusal.Code);
        Assert.Contains($"'{named}", refusal.Detail, StringComparison.Ordinal);
        Assert.Contains("stale-while-revalidate", refusal.Detail, StringComparison.Ordinal);      // what it takes
    }

    [Fact]
    public void Of_what_is_long_the_refusal_tells_the_beginning() =>
        Assert.InRange(Refused($"duration={new string('9', 10_000)}").Detail.Length, 100, 500);

    private static Refusal Refused(string header)
    {
        var request = Request(header);
        return CacheChoices.Read(request, out _) ?? throw new InvalidOperationException("It was taken.");
    }

    private static CacheChoice? Read(params string[] headers)
    {
        Assert.Null(CacheChoices.Read(Request(headers), out var choice));
        return choice;
    }

    private static HttpRequest Request(params string[] headers)
    {
        var request = new DefaultHttpContext().Request;
        if (headers.Length > 0) request.Headers[CacheChoices.Header] = headers;
        return request;
    }
}
