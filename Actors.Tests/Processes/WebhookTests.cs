using ActorPerf.Tests.Tasks.Fetching;

namespace ActorPerf.Tests.Processes;

/// <summary>What a killed process owed its receivers comes from the next one.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class WebhookTests
{
    [FullFact]
    public async Task A_kill_between_finish_and_delivery_loses_no_delivery()
    {
        await using var server = new PlainServer();
        var bodies = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var isOpen = false;
        server.Answer = request =>
        {
            if (Volatile.Read(ref isOpen)) bodies.Enqueue(request);
            return Volatile.Read(ref isOpen) ? "HTTP/1.1 204 No Content\r\n\r\n" : "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n";
        };
        await using var node = await NodeProcess.StartAsync($"{NodeProcess.Pools}\nactorperf.webhooks {{ allow = [\"{server.Url}\"] }}");
        var ids = new List<string>();
        for (var i = 0; i < 20; i++) ids.Add(await node.Api.SubmitAsync($$"""{"task":"square","args":{"n":{{i}}},"callback":"{{server.Url}}jobs"}"""));
        foreach (var id in ids) await node.Api.ReachesAsync(id, "succeeded");
        await node.KillAsync();
        await node.VerifyOfflineAsync();

        Volatile.Write(ref isOpen, true);
        await node.StartAsync();
        foreach (var id in ids) await DeliveredAsync(node, id);
        foreach (var id in ids) Assert.Contains(bodies, request => request.Contains(id, StringComparison.Ordinal));
        await node.VerifyAsync();
    }

    private static async Task DeliveredAsync(NodeProcess node, string id)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var delivery = Assert.Single((await node.Api.GetAsync($"/jobs/{id}/deliveries")).Body.GetProperty("items").EnumerateArray());
            if (delivery.GetProperty("state").GetString() == "delivered") return;
            Assert.NotEqual("failed", delivery.GetProperty("state").GetString());
            Assert.True(patience.Elapsed < Executable.Patience, $"never delivered: {delivery}");
            await Task.Yield();
        }
    }
}
