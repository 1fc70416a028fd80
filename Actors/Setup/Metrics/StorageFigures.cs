using ActorPerf.Storage;
using ActorPerf.Storage.PostgreSql;
using ActorPerf.Storage.Sqlite;
using ActorPerf.Tracing.Metrics;

namespace ActorPerf.Setup.Metrics;

/// <summary>What writes cost the store: how many wait, how many share a commit, how long one takes. SQLite has one line of writes, PostgreSQL several for jobs that write beside each other; stores in memory have none.</summary>
internal static class StorageFigures
{
    public static IEnumerable<MetricFamily> Of(INodeStorage storage)
    {
        IReadOnlyList<WriteLane> lanes = storage switch { SqliteStorage sqlite => [sqlite.Lane], PostgresStorage postgres => postgres.Lanes, _ => [] };
        if (lanes.Count == 0) yield break;
        yield return MetricFamily.Counter("actorperf_storage_transactions_total", "Transactions that the write queue committed.", lanes.Sum(static lane => lane.Meter.Transactions));
        yield return MetricFamily.Counter("actorperf_storage_writes_total", "Writes in them.", lanes.Sum(static lane => lane.Meter.Writes));
        yield return MetricFamily.Gauges("actorperf_storage_waiting_writes", "Writes that wait for a transaction of their lane.", lanes.Select(static lane => MetricPoint.Of(lane.Waiting, ("lane", lane.Name))));
        yield return MetricFamily.Histograms("actorperf_storage_batch_writes", "Writes that went together into one transaction.", lanes.Select(static lane => lane.Meter.ReadSizes(lane.Name)));
        yield return MetricFamily.Histograms("actorperf_storage_commit_seconds", "How long transactions took, commit included.", lanes.Select(static lane => lane.Meter.ReadSeconds(lane.Name)));
    }
}
