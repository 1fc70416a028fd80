using ActorPerf.Node.Client;
using ActorPerf.TestKit;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Tests.Node;

public sealed class NodeClientTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_goes_silent_counts_as_broken(bool begins)
    {
        var time = new ManualTime();
        await using var node = await ScriptedNode.StartAsync(async context =>
        {
            if (begins)
            {
                await context.Response.WriteAsync("first\n");
                await context.Response.Body.FlushAsync();
            }
            var gone = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        Assert.True(NodeAddress.TryParse(node.Url, out var address, out _));
        using var client = new NodeClient(address, null, null, TimeSpan.FromSeconds(30), time);
        var reading = client.StreamAsync(new HttpRequestMessage(HttpMethod.Get, "stream"), TimeSpan.FromSeconds(45), ReadAsync, TestContext.Current.CancellationToken);
        await Eventually.Is(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(15));
                return reading.IsCompleted;
            },
            "somebody notices");
        Assert.Equal("nothing came for 45s", Assert.IsType<Answer.Unreachable>(await reading).Reason);
    }

    private static async Task<Answer> ReadAsync(Stream body, CancellationToken ct)
    {
        using var reader = new StreamReader(body);
        while (await reader.ReadLineAsync(ct) is not null)
        {
            // All of it, to an end that does not come.
        }
        return new Answer.Ok(200, default, null);
    }
}
