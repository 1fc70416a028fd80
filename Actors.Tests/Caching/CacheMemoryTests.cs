using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>Measures the memory of this process, which other tests would change.</summary>
[Collection(nameof(AloneCollection))]
public sealed class CacheMemoryTests
{
    [Fact]
    public void Memory_stays_within_the_bound_and_a_twentieth()
    {
        const int maxBytes = 16 * 1024 * 1024;
        var task = A.Lambda((_, _) => Task.FromResult("1"), memoize: new Memoization(CacheWorld.Life));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var books = new CacheBooks(10);
        var table = new MemoTable(new CacheOptions { MaxBytes = maxBytes, MaxEntries = 1_000_000, Shards = 1 }, TimeProvider.System, seed: 1);
        var (shard, book) = (table.Shards[0], books.Of(Namespace.Default, task));
        for (var i = 0; i < 60_000; i++)
        {
            var key = new CacheKey(Namespace.Default, task.Name, 1, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""));
            var result = new ComputedResult(new byte[i % 100], default, default, null);
            shard.Store(table.Make(key, result, TimeSpan.Zero, CacheWorld.Life, task.Memoize!, book.Capture(), book, null));
        }
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(table);
        TestContext.Current.SendDiagnosticMessage($"{shard.Count} entries counted as {shard.Bytes} bytes hold {held}: {(double)held / shard.Count:0} each");
        Assert.InRange(shard.Bytes, maxBytes * 0.9, maxBytes);
        Assert.InRange(held, 0, maxBytes * 1.05);
    }
}
