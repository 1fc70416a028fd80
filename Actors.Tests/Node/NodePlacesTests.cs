using ActorPerf.Node.Serving;

namespace ActorPerf.Tests.Node;

public sealed class NodePlacesTests
{
    [Theory]
    [InlineData("node-1", 0, "node-1")]
    [InlineData("node-1", 2, "node-3")]
    [InlineData("a-09", 1, "a-10")]
    [InlineData("alpha", 0, "alpha-1")]
    [InlineData("alpha", 1, "alpha-2")]
    public void Names_are_counted_on(string first, int place, string name) => Assert.Equal(name, NodePlaces.Name(first, place));

    [Theory]
    [InlineData("http://127.0.0.1:8080", 2, "http://127.0.0.1:8082")]
    [InlineData("http://127.0.0.1:8080/", 1, "http://127.0.0.1:8081/")]
    [InlineData("http://127.0.0.1:0", 1, "http://127.0.0.1:0")]
    [InlineData("http://[::1]:9000; https://host", 1, "http://[::1]:9001;https://host:444")]
    public void Ports_follow_those_configured(string first, int place, string url) => Assert.Equal(url, NodePlaces.Url(first, place));

    [Fact]
    public void There_is_no_port_behind_the_last() =>
        Assert.Contains("65536", Assert.Throws<UsageException>(() => NodePlaces.Url("http://127.0.0.1:65535", 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Each_node_of_a_process_has_settings_of_its_own()
    {
        var nodes = NodeSettings.ReadAll(["--nodes", "3", "--http:url", "http://127.0.0.1:9000", "--node:name", "x-1"]);

        Assert.Equal(["x-1", "x-2", "x-3"], nodes.Select(node => node.Options.Node.Name));
        Assert.Equal(["http://127.0.0.1:9000", "http://127.0.0.1:9001", "http://127.0.0.1:9002"], nodes.Select(node => node.Http.Url));
        Assert.Equal("http://127.0.0.1:9001", nodes[1].Configuration["actorperf:http:url"]);
    }
}
