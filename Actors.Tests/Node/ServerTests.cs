using ActorPerf.Node.Serving;

namespace ActorPerf.Tests.Node;

public sealed class ServerTests
{
    [Theory]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::]:8080", "http://[::1]:8080")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://10.0.0.1:8080", "http://10.0.0.1:8080")]
    public void The_greeting_names_an_address_that_answers(string listens, string told) => Assert.Equal(told, Server.Reachable(listens));
}
