using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Tests.Tasks.Fetching;

public sealed class UrlPrefixTests
{
    [Theory]
    [InlineData("..%2fadmin")]
    [InlineData("..%2F..%2fadmin")]
    [InlineData("x/..%2f..%2fadmin")]
    [InlineData("%2e%2e%2fadmin")]
    [InlineData("..%5cadmin")]
    [InlineData("x%2f..%2f..%2fadmin")]
    [InlineData("x%5C..%5C..%5Cadmin")]
    [InlineData("..%252fadmin")]
    [InlineData("%252e%252e/admin")]
    [InlineData("%25252e%25252e%25252fadmin")]
    [InlineData("..;/admin")]
    [InlineData("..;v=1/admin")]
    [InlineData("%2e%2e%3bx/admin")]
    [InlineData("x%2f..")]
    [InlineData("..%00/admin")]
    public void A_path_that_climbs_when_it_is_decoded_is_no_URL_to_send(string path)
    {
        Assert.False(UrlPrefix.TryUri("https://a.example/v1/" + path, out _, out var fault));
        Assert.Contains("'..'", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("group%2Fproject")]
    [InlineData("a..b")]
    [InlineData("...%2fx")]
    [InlineData("a%2Eb%2e%2ec")]
    [InlineData("x?to=..%2f..%2fy")]
    [InlineData("100%25")]
    [InlineData("%")]
    [InlineData("%zz%2")]
    [InlineData("gr%C3%BC%C3%9Fe")]
    public void Any_other_path_below_the_prefix_is_held(string path)
    {
        Assert.True(UrlPrefix.TryUri("https://a.example/v1/" + path, out var uri, out _));
        Assert.True(UrlPrefix.TryParse("https://a.example/v1/", out var prefix, out _));
        Assert.True(prefix.Holds(uri));
    }

    [Theory]
    [InlineData("https://me@a.example/v1/")]
    [InlineData("https://me:secret@a.example/v1/")]
    [InlineData("https://:@a.example/v1/")]
    [InlineData("https://a.example:443@b.example/v1/")]
    [InlineData("https://a.example%40b.example/v1/")]
    [InlineData("https://%31%32%37.0.0.1/")]
    [InlineData("https://")]
    [InlineData("https:///v1/")]
    [InlineData("https://a.example:99999/")]
    [InlineData("//a.example/v1/")]
    [InlineData("gopher://a.example/v1/")]
    public void What_names_a_user_or_no_host_is_no_URL_to_send(string url) => Assert.False(UrlPrefix.TryUri(url, out _, out _));

    [Theory]
    [InlineData("https://a.example./v1/x")]
    [InlineData("https://a.example:80/v1/x")]
    [InlineData("https://a.example.b.example/v1/x")]
    [InlineData("https://b.example\\@a.example/v1/x")]
    [InlineData("https://b.example/@a.example/v1/x")]
    [InlineData("https://b.example#@a.example/v1/x")]
    [InlineData("https://b.example?@a.example/v1/x")]
    [InlineData("https://a.example/V1/x")]
    [InlineData("https://a.example/v1%2fx")]
    [InlineData("https://a.example//v1/x")]
    public void Another_host_port_or_path_is_not_held(string url)
    {
        Assert.True(UrlPrefix.TryParse("https://a.example/v1/", out var prefix, out _));
        Assert.False(UrlPrefix.TryUri(url, out var uri, out _) && prefix.Holds(uri));
    }
}
