using System.Text;
using ActorPerf.Caching;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Storage;

/// <content>Results that go to the second level of the cache with their job's finish.</content>
public abstract partial class JobStoreConformance
{
    [Fact]
    public async Task A_finish_and_what_the_cache_keeps_of_it_go_together()
    {
        var now = _time.GetUtcNow();
        var key = new CacheKey(Namespace.Default, "t", 1, "{}"u8.ToArray());
        var entry = new StoredEntry(key, "1"u8.ToArray(), now, TimeSpan.FromSeconds(1), now.AddMinutes(5), now.AddMinutes(5), now.AddMinutes(5), [], AsOf: 0);
        var running = await RunningAsync();
        var run = running.Row.Run!.Value;
        await PostAsync(new JobWrite.Change(running, new JobCommand.Finish(run with { Attempt = 9 }, Cached: false)) { Result = "1"u8.ToArray(), Remember = entry });
        Assert.Null(await RecalledAsync(key, now));      // INV-32: a fenced-off run leaves nothing
        await PostAsync(new JobWrite.Change(running, new JobCommand.Finish(run, Cached: false)) { Result = "1"u8.ToArray(), Remember = entry });
        Assert.Equal(JobState.Succeeded, (await ReadAsync(running.Row.Id))!.Row.State);
        Assert.Equal("1", await RecalledAsync(key, now));
    }

    private async Task<string?> RecalledAsync(CacheKey key, DateTimeOffset now) =>
        await _storage.Cache.ReadAsync(key, now, default) is { } recalled ? Encoding.UTF8.GetString(recalled.Entry.Json.Span) : null;
}
