using System.Diagnostics;
using System.Net;
using System.Text;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <content>The leader dies at the moment at which a schedule's clock says so.</content>
internal static partial class Faults
{
    /// <summary>From the tick to the kill.</summary>
    private static readonly TimeSpan[] Moments = [TimeSpan.FromMilliseconds(-10), TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(25)];

    /// <summary>Each tick has one job all the same.</summary>
    private static async Task KilledAtTickAsync(ProofWorld world)
    {
        var put = await world.Api(world.Nodes[0]).SendAsync(HttpMethod.Put, "/schedules/second", new StringContent(
            """{"cron":"* * * * * *","task":"square","args":{"n":5},"overlap":"queue","misfire":"all","misfireLimit":1000}""", Encoding.UTF8, "application/json"));
        Assert.True(put.Status is HttpStatusCode.Created or HttpStatusCode.OK, put.ToString());
        var ticks = new Ticks(world.Ledger, "second");
        await world.Ledger.UntilAsync("it ticks", async () => (await ticks.ReadAsync()).Count > 1);
        var killed = new List<long>();
        foreach (var moment in Moments)
        {
            var leader = await world.LeaderAsync() ?? throw new InvalidOperationException("Nobody leads.");
            killed.Add(await NextTickAsync(world, moment));
            await leader.KillAsync();
            await leader.LaunchAsync();
            await world.Ledger.UntilAsync("another leads, and it ticks on", async () => (await ticks.ReadAsync()).Contains(killed[^1] + 3));
            await leader.ReadyAsync(Ct);
        }
        Assert.Equal(HttpStatusCode.NoContent, (await world.Api(world.Nodes[0]).SendAsync(HttpMethod.Delete, "/schedules/second", null)).Status);
        var all = await ticks.CheckAsync();
        Assert.All(killed, tick => Assert.Contains(tick, all));
        Output.WriteLine($"{all.Count} ticks, one job each, {killed.Count} leaders killed");
    }

    /// <summary>Waits until so long after a second of the server's clock; that second.</summary>
    private static async Task<long> NextTickAsync(ProofWorld world, TimeSpan moment)
    {
        var asked = Stopwatch.GetTimestamp();
        var now = await world.Ledger.NowAsync();
        var tick = (now / 1_000_000) + 2;
        var left = TimeSpan.FromMicroseconds((tick * 1_000_000) - now) + moment - Stopwatch.GetElapsedTime(asked);
        // Where the answer took long it is later than that.
        if (left > TimeSpan.FromMilliseconds(2)) await Task.Delay(left - TimeSpan.FromMilliseconds(2), Ct);
        return tick;
    }
}
