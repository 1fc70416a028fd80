using System.Text;
using ActorPerf.Data;
using ActorPerf.TestKit;
using static ActorPerf.Tests.Data.DataWorld;

namespace ActorPerf.Tests.Data;

/// <summary>The write pipeline is bounded in bytes as it is in keys.</summary>
public sealed class WriteBytesTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_statement_takes_8_MiB_at_most()
    {
        var world = OnThreads();
        var data = Data(MiB / 2);
        await world.Data.WriteManyAsync([.. Keys(40).Select(key => new EntityWrite.Put(key, data))]);
        Assert.Equal(40, world.WriteSizes.Sum());
        Assert.All(world.WriteSizes, keys => Assert.InRange(keys, 1, 16));
    }

    [Fact]
    public async Task The_queue_takes_64_MiB_and_who_comes_then_waits_for_room()
    {
        var world = OnThreads();
        var data = Data(MiB - 200);
        var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Store.Afterwards = _ => free.Task;
        var writes = Keys(200).Select(key => world.Data.WriteAsync(new EntityWrite.Put(key, data)).AsTask()).ToArray();
        await Eventually.Is(() => world.Store.MostUnderWay == 4 || world.Data.Statistics.Writes.Queued == 0, "all slots busy");
        Assert.InRange(world.Data.Statistics.Writes.Queued, 1, 64);
        free.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(200, world.WriteSizes.Sum());
    }

    [Fact]
    public async Task Small_writes_are_as_many_to_a_statement_as_ever()
    {
        var world = OnThreads();
        await world.Data.WriteManyAsync([.. Keys(500).Select(key => Put(key, 1))]);
        Assert.Equal([500], world.WriteSizes);
    }

    private static byte[] Data(int bytes) => Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', bytes)}}"}""");
}
