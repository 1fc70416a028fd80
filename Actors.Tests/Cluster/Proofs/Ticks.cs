using ActorPerf.Jobs;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Cluster.Proofs;

/// <summary>The jobs of a schedule that ticks every few seconds. A job is named after its tick, so its id tells which one it is of.</summary>
internal sealed class Ticks(Ledger ledger, string schedule, int seconds = 1)
{
    /// <summary>The tick of each of its jobs, in seconds, in order.</summary>
    public async Task<List<long>> ReadAsync()
    {
        var jobs = await ledger.ReadAsync(
            "SELECT id, created_at / 1000000 FROM actorperf.job WHERE schedule = @schedule", row => (Id: row.GetGuid(0), At: row.GetInt64(1)), ("schedule", schedule));
        if (jobs.Count == 0) return [];
        var known = new Dictionary<Guid, long>();
        for (var tick = (jobs.Min(job => job.At) - 90) / seconds * seconds; tick <= jobs.Max(job => job.At) + 1; tick += seconds)
            known[ScheduleIds.Of(Namespace.Default, schedule, DateTimeOffset.FromUnixTimeSeconds(tick)).Value] = tick;
        return [.. jobs.Select(job => known[job.Id]).Order()];
    }

    /// <summary>Each tick from the first to the last has one job.</summary>
    public async Task<List<long>> CheckAsync()
    {
        var ticks = await ReadAsync();
        Assert.NotEmpty(ticks);
        Assert.Equal(Enumerable.Range(0, ticks.Count).Select(n => ticks[0] + (n * seconds)), ticks);
        return ticks;
    }
}
