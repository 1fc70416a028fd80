using System.Text;
using ActorPerf.Caching;
using ActorPerf.Compute;
using ActorPerf.Tasks;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Caching;

/// <summary>Measures the memory of this process, which other tests would change; what they leave behind may still go while it measures.</summary>
[Collection(nameof(AloneCollection))]
public sealed class CacheMemoryTests
{
    [Theory]
    [InlineData(60_000, 0, 16)]
    [InlineData(3_000, 8, 64)]       // none is evicted: tags of what was are kept for a while, up to a number of their own
    public void Memory_stays_within_what_is_counted_and_a_twentieth(int entries, int tags, int maxMegabytes)
    {
        // What goes or comes beside it spoils one measurement; too much that is really held spoils all.
        for (var attempt = 1; ; attempt++)
        {
            var (held, counted) = Measure(entries, tags, maxMegabytes * 1024 * 1024);
            if (attempt < 5 && (held < counted / 2 || held > Limit(counted))) continue;
            Assert.InRange(held, counted / 2, Limit(counted));
            return;
        }

        double Limit(long counted) => (tags == 0 ? maxMegabytes * 1024 * 1024 : counted) * 1.05;
    }

    /// <returns>Bytes of the heap, and bytes as the table counts them.</returns>
    private static (long Held, long Counted) Measure(int entries, int tags, int maxBytes)
    {
        var task = A.Lambda((_, _) => Task.FromResult("1"), memoize: new Memoization(CacheWorld.Life));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var books = new CacheBooks(10);
        var table = new MemoTable(new CacheOptions { MaxBytes = maxBytes, MaxEntries = 1_000_000, Shards = 1 }, TimeProvider.System, seed: 1);
        var (shard, book) = (table.Shards[0], books.Of(Namespace.Default, task));
        var names = books.Find(Namespace.Default)!;
        for (var i = 0; i < entries; i++)
        {
            var key = new CacheKey(Namespace.Default, task.Name, 1, Encoding.UTF8.GetBytes($$"""{"n":{{i}}}"""));
            var result = new ComputedResult(new byte[i % 100], default, default, null);
            string[] own = [.. Enumerable.Range(0, tags).Select(tag => $"{new string('x', 90)}{i}-{tag}")];
            shard.Store(table.Make(key, result, TimeSpan.Zero, CacheWorld.Life, task.Memoize!, book.Capture().With(names.Tags(own)), book, own.Length == 0 ? null : own));
        }
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(table);
        TestContext.Current.SendDiagnosticMessage($"{shard.Count} entries counted as {shard.Bytes} bytes hold {held}: {(double)held / shard.Count:0} each");
        Assert.InRange(shard.Bytes, tags == 0 ? maxBytes * 0.9 : 0, maxBytes);
        return (held, shard.Bytes);
    }
}
