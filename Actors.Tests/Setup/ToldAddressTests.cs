using ActorPerf.Setup;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Setup;

public sealed class ToldAddressTests
{
    [Theory]
    [InlineData(null, null, null, "http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:8080", null, null, "http://127.0.0.1:8080")]
    [InlineData("http://*:8080/", null, "/perf", "http://127.0.0.1:8080/perf")]
    [InlineData("http://node-1:8080 ; http://127.0.0.1:9090", null, null, "http://node-1:8080")]
    [InlineData("http://0.0.0.0:8080", "https://jobs.example.com/perf/", "/other", "https://jobs.example.com/perf")]
    public void A_node_tells_one_address_under_which_it_is_found(string? url, string? publicUrl, string? pathBase, string told) =>
        Assert.Equal(told, NodeHost.ToldAddress(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["actorperf:http:url"] = url,
            ["actorperf:http:public-url"] = publicUrl,
            ["actorperf:http:path-base"] = pathBase,
        }).Build()));
}
