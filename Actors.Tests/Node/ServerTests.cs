using ActorPerf.Configuration;
using ActorPerf.Node.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Tests.Node;

public sealed class ServerTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::]:8080", "http://[::1]:8080")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://10.0.0.1:8080", "http://10.0.0.1:8080")]
    public void The_greeting_names_an_address_that_answers(string listens, string told) => Assert.Equal(told, ListenAddresses.Reachable(listens));

    [Theory]
    [InlineData("http://node-1:8080", "http://[::]:8080", "http://node-1:8080")]
    [InlineData("http://node-1:8080", "http://0.0.0.0:8080", "http://node-1:8080")]
    [InlineData("http://node-1:0", "http://[::]:49152", "http://node-1:49152")]
    [InlineData("https://node-1.example", "https://[::]:443", "https://node-1.example:443")]
    [InlineData("http://*:8080", "http://[::]:8080", "http://[::]:8080")]
    [InlineData("http://+:8080", "http://[::]:8080", "http://[::]:8080")]
    [InlineData("http://0.0.0.0:8080", "http://0.0.0.0:8080", "http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080", "http://[::]:8080", "http://[::]:8080")]
    [InlineData("http://10.0.0.1:0", "http://10.0.0.1:49152", "http://10.0.0.1:49152")]
    [InlineData("http://localhost:8080", "http://localhost:8080", "http://localhost:8080")]
    [InlineData("http://10.0.0.1:1 http://node-2:2", "http://10.0.0.1:1 http://[::]:2", "http://10.0.0.1:1 http://node-2:2")]
    [InlineData("http://node-1:1", "http://[::]:1 http://[::]:2", "http://[::]:1 http://[::]:2")]
    public void A_host_that_was_configured_by_name_is_told_by_name(string configured, string bound, string told) =>
        Assert.Equal(told.Split(' '), Greeting.Named(configured.Split(' '), bound.Split(' ')));

    [Fact]
    public async Task A_server_that_listens_under_a_name_is_told_by_name()
    {
        string[] configured = ["http://node-1:0"];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(configured);
        await using var app = builder.Build();
        await app.StartAsync();
        Assert.StartsWith("http://node-1:", Assert.Single(Greeting.Named(configured, app.Urls)), StringComparison.Ordinal);
        Assert.DoesNotMatch(":0$", Greeting.Named(configured, app.Urls)[0]);
    }
}
