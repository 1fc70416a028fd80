using System.Text.Json;

namespace ActorPerf.Tests.Processes;

/// <summary>A checkpoint outlives the process that saved it.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class CheckpointTests
{
    [FullFact]
    public async Task A_killed_run_goes_on_behind_its_last_checkpoint()
    {
        await using var node = await NodeProcess.StartAsync();
        var id = await node.Api.SubmitAsync("""{"task":"progress","args":{"steps":90,"delay":"100ms"}}""");
        await node.Api.ReachesAsync(id, "running");
        // A checkpoint is durable within a second, so that of step 10 is when step 50 is done; and whoever looks may be late, too.
        for (var reached = false; !reached;)
        {
            var progress = (await node.Api.GetAsync($"/jobs/{id}")).Body.GetProperty("progress");
            reached = progress.ValueKind == JsonValueKind.Object && progress.GetProperty("percent").GetDouble() >= 55;
            Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested);
        }
        await node.KillAsync();
        await node.VerifyOfflineAsync();

        await node.StartAsync();
        var job = await node.Api.ReachesAsync(id, "succeeded");
        Assert.Equal((2, 1, 1, 90), (job.Number("attempt"), job.Number("excused"), job.Number("crashes"), job.Number("result")));
        var history = await node.Api.GetAsync($"/jobs/{id}/history");
        var line = history.Body.GetProperty("attempts").EnumerateArray().Single(attempt => attempt.GetProperty("attempt").GetInt32() == 2)
            .GetProperty("lines")[0].GetProperty("text").GetString()!;
        Assert.StartsWith("goes on behind step ", line, StringComparison.Ordinal);
        Assert.InRange(int.Parse(line["goes on behind step ".Length..], System.Globalization.CultureInfo.InvariantCulture), 10, 90);
        await node.VerifyAsync();
    }
}
