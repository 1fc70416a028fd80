using ActorPerf.Node;

namespace ActorPerf.Tests.Processes;

/// <summary>A copy of the database of a node that works.</summary>
[Collection(nameof(ProcessCollection))]
public sealed class BackupTests(SharedNode shared)
{
    [FullFact]
    public async Task A_backup_under_load_is_whole()
    {
        var node = shared.Node;
        using var enough = new CancellationTokenSource();
        var load = LoadAsync(node.Api, enough.Token);
        var copy = Path.Combine(node.Folder, "copy.db");
        var backup = await Executable.RunAsync(node.Folder, "--node", node.Url, "backup", copy);
        await enough.CancelAsync();
        var sent = await load;
        Assert.True(backup.Code == ExitCodes.Done, backup.ToString());
        var verified = await Executable.RunAsync(node.Folder, "-o", "json", "verify", "--offline", "--storage:connection-string", $"Data Source={copy}");
        Assert.True(verified.Code == ExitCodes.Done, verified.ToString());
        Assert.True(sent > 0, "the backup ran without load");

        var again = await Executable.RunAsync(node.Folder, "--node", node.Url, "backup", copy);
        Assert.Equal(ExitCodes.Refused, again.Code);
        Assert.Contains("exists already", again.Error, StringComparison.Ordinal);
    }

    /// <summary>Batches without a pause; how many jobs were acknowledged.</summary>
    private static async Task<int> LoadAsync(NodeApi api, CancellationToken enough)
    {
        var sent = 0;
        while (!enough.IsCancellationRequested)
        {
            var bulk = new Bulk(Enumerable.Range(1, 100), "backup");
            Assert.True(await bulk.SendAsync(api));
            sent += bulk.Answered;
        }
        return sent;
    }
}
