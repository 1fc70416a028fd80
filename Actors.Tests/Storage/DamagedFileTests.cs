using ActorPerf.Jobs;
using ActorPerf.Storage;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tasks;
using ActorPerf.TestKit;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Storage;

/// <summary>A database whose bytes are not what was written is refused at the start, in words, and left as it is.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const int PageSize = 8192;

    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xff)]
    public async Task Bytes_overwritten_in_the_middle_of_pages_are_found(byte with)
    {
        await FillAsync();
        using (var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite))
        {
            // The header's page stays whole, and so does the first byte of every other one, which says what the page is.
            for (var page = 1L; page * PageSize < file.Length; page++)
            {
                file.Position = (page * PageSize) + 1;
                file.Write(Enumerable.Repeat(with, PageSize / 2).ToArray());
            }
        }
        Refused("is damaged");
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public async Task A_file_that_was_cut_off_is_found(double share)
    {
        await FillAsync();
        using (var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite)) file.SetLength((long)(file.Length * share));
        Refused("is damaged");
    }

    [Fact]
    public async Task A_sound_file_is_opened_again()
    {
        await FillAsync();
        using var storage = Open();
        Assert.Equal(300, (await storage.Jobs.CountAsync(null, TestContext.Current.CancellationToken)).Sum(count => count.Count));
    }

    public void Dispose() => _folder.Dispose();

    private string Database => _folder.Path("node.db");

    private SqliteStorage Open() => SqliteStorage.Open($"Data Source={Database}", new ManualTime(), new Random(1), _ => { });

    private void Refused(string word)
    {
        var before = File.ReadAllBytes(Database);
        for (var attempt = 0; attempt < 2; attempt++)         // the second finds no lock left behind
        {
            var refused = Assert.Throws<StorageSetupException>(Open);
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
            Assert.Contains(Database, refused.Message, StringComparison.Ordinal);
            Assert.Contains("Nothing was changed. Restore a backup", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, File.ReadAllBytes(Database));
    }

    /// <summary>300 jobs, all of them moved from the log into the file by an orderly end.</summary>
    private async Task FillAsync()
    {
        using var storage = Open();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        storage.Jobs.Reported = _ => done.TrySetResult();
        NewJob[] jobs = [.. Enumerable.Range(0, 300).Select(_ => new NewJob(
            new JobRow { Id = new JobId(Guid.CreateVersion7()), Namespace = Namespace.Default, Task = "square", Queue = "default" }, new byte[300], null))];
        Assert.True(storage.Jobs.TryPost(new JobWrite.Submit(jobs)));
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
