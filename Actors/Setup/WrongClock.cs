using System.Globalization;

namespace ActorPerf.Setup;

/// <summary>The machine's clock, wrong by a fixed time: to prove that nothing which another node can see is decided by it. Off unless <see cref="Variable"/> says how wrong.</summary>
/// <remarks><c>ACTORPERF_CLOCK_OFFSET=1.00:00:00</c> is a day ahead, <c>-01:00:00</c> an hour behind. Monotonic time and timers stay right, as on a machine whose clock was set wrong. For tests.</remarks>
public sealed class WrongClock(TimeProvider machine, TimeSpan by) : TimeProvider
{
    public const string Variable = "ACTORPERF_CLOCK_OFFSET";

    public override TimeZoneInfo LocalTimeZone => machine.LocalTimeZone;

    public override long TimestampFrequency => machine.TimestampFrequency;

    /// <summary>The clock as a setting wants it.</summary>
    /// <param name="setting">Null or empty: it is right.</param>
    /// <exception cref="ArgumentException">It is no time span.</exception>
    public static TimeProvider Read(string? setting, TimeProvider machine)
    {
        if (string.IsNullOrEmpty(setting)) return machine;
        if (!TimeSpan.TryParseExact(setting, "c", CultureInfo.InvariantCulture, out var by))
            throw new ArgumentException($"{Variable}={setting} is no time span. Write it as 1.00:00:00 for a day ahead, or -01:00:00 for an hour behind.");
        return new WrongClock(machine, by);
    }

    public override DateTimeOffset GetUtcNow() => machine.GetUtcNow() + by;

    public override long GetTimestamp() => machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => machine.CreateTimer(callback, state, dueTime, period);
}
