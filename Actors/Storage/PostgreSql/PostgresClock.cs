using Npgsql;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>The time of day as the database server has it, on which all nodes agree; whatever the clock of this machine says.</summary>
/// <remarks>It goes on by this machine's monotonic clock from the newest measurement. One that fits what the clock says already, within the time that it took, changes nothing:
/// so the time does not wander with every one. Timers are the machine's own.</remarks>
internal sealed class PostgresClock(TimeProvider machine) : TimeProvider
{
    private Mark _mark = new(machine.GetUtcNow(), machine.GetTimestamp());

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => Volatile.Read(ref _mark).At(machine, machine.GetTimestamp());

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);

    public async Task MeasureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"SELECT {PostgresTime.Now}", connection);
        var sent = GetTimestamp();
        var server = (long)(await command.ExecuteScalarAsync(ct))!;
        Measured(PostgresTime.ToTime(server), sent, GetTimestamp());
    }

    /// <param name="server">What the server said.</param>
    /// <param name="sent">This machine's timestamp before it was asked.</param>
    /// <param name="answered">And after.</param>
    public void Measured(DateTimeOffset server, long sent, long answered)
    {
        var mark = Volatile.Read(ref _mark);
        if (server >= mark.At(machine, sent) && server <= mark.At(machine, answered)) return;
        Volatile.Write(ref _mark, new Mark(server, sent + ((answered - sent) / 2)));
    }

    private sealed record Mark(DateTimeOffset Time, long Timestamp)
    {
        public DateTimeOffset At(TimeProvider machine, long timestamp) => Time + machine.GetElapsedTime(Timestamp, timestamp);
    }
}
