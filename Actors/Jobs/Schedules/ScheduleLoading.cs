namespace ActorPerf.Jobs.Schedules;

/// <summary>Brings the stored rows and the configuration together.</summary>
internal static class ScheduleLoading
{
    /// <summary>Reads all rows. Who leads adds those of its configuration that are new, begins those anew whose cron, zone or pause changed there, and deletes those that are gone from it.</summary>
    /// <remarks>Who does not lead changes nothing, so that nodes with different configurations, as while a change is rolled out, never undo each other's rows; a row without
    /// a definition that its own configuration does not know means nothing to it, and is left out.</remarks>
    public static async Task<IReadOnlyList<ScheduleRow>> ReadAsync(IScheduleStore store, IReadOnlyList<ConfiguredSchedule> configured, bool leads, TimeProvider time)
    {
        var wanted = configured.ToDictionary(one => (one.Namespace, one.Name));
        var rows = new List<ScheduleRow>();
        foreach (var row in await store.ReadAllAsync(CancellationToken.None))
        {
            var isConfigured = wanted.Remove((row.Namespace, row.Name), out var own);
            if (row.Definition is not null || (isConfigured && (!leads || own!.Definition.Shape == row.Shape))) rows.Add(row);
            else if (!leads) continue;
            else if (isConfigured) rows.Add(await PutAsync(store, row with { Shape = own!.Definition.Shape, Cursor = time.GetUtcNow(), UpdatedAt = time.GetUtcNow(), Version = row.Version + 1 }));
            else await store.DeleteAsync(row.Namespace, row.Name, CancellationToken.None);
        }
        if (!leads) return rows;
        foreach (var added in wanted.Values) rows.Add(await PutAsync(store, ScheduleRules.Configured(added, time.GetUtcNow())));
        return rows;
    }

    private static async Task<ScheduleRow> PutAsync(IScheduleStore store, ScheduleRow row)
    {
        await store.PutAsync(row, CancellationToken.None);
        return row;
    }
}
