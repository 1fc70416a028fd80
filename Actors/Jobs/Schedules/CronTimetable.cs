namespace ActorPerf.Jobs.Schedules;

/// <summary>The moments at which a cron expression fires in a time zone. Pure.</summary>
/// <remarks>
/// Where the zone's clocks change, by the offset alone, whatever the reason of the change:
/// <list type="bullet">
/// <item>Clocks go forward: an expression for fixed hours fires once at the end of the gap when one or more of its times fall into it; one with <c>*</c> in
/// seconds, minutes or hours (<see cref="CronExpression.IsInterval"/>) skips times that do not exist, for it fires before and after them anyway.</item>
/// <item>Clocks go back: an expression for fixed hours fires the first time only; one with <c>*</c> fires in both.</item>
/// </list>
/// </remarks>
public sealed record CronTimetable(CronExpression Cron, TimeZoneInfo Zone)
{
    /// <summary>Further ahead nothing is looked for: 29 February on a given weekday comes within 40 years.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(50 * 366);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // No zone changes its clocks twice within these.
    private static readonly TimeSpan Step = TimeSpan.FromDays(7);
    private static readonly TimeSpan LookBack = TimeSpan.FromHours(25);

    /// <summary>The first moment after <paramref name="after"/> and not after <paramref name="until"/>; null where there is none. Whole seconds, in UTC.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset until)
    {
        var at = new DateTimeOffset(after.UtcTicks - after.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero) + Second;
        while (at <= until)
        {
            if (IsEndOfGapWithTimes(at)) return at;
            var offset = Zone.GetUtcOffset(at);
            if (Cron.FirstLocal(at.UtcDateTime + offset, until.UtcDateTime + offset + Second) is not { } local) local = until.UtcDateTime + offset + Second;
            var found = new DateTimeOffset(DateTime.SpecifyKind(local - offset, DateTimeKind.Utc));
            if (Change(at, found, offset) is { } change) at = change;
            else if (found > until) return null;
            else if (!Cron.IsInterval && IsRepeat(found, offset)) at = found + Second;
            else return found;
        }
        return null;
    }

    /// <summary>As above, within <see cref="Horizon"/>.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Next(after, after + Horizon);

    /// <summary>All moments after <paramref name="after"/> and up to <paramref name="until"/>, in their order.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        while (Next(after, until) is { } next) yield return after = next;
    }

    /// <summary>The newest <paramref name="count"/> moments after <paramref name="after"/> and up to <paramref name="until"/>, oldest first.</summary>
    public IReadOnlyList<DateTimeOffset> Newest(int count, DateTimeOffset after, DateTimeOffset until)
    {
        // Backwards in windows that double, so that a year of seconds is not walked for its last ten.
        for (var window = TimeSpan.FromMinutes(1); ; window *= 2)
        {
            var all = until - after <= window;
            var newest = new Queue<DateTimeOffset>();
            foreach (var moment in Between(all ? after : until - window, until))
            {
                if (newest.Count == count) newest.Dequeue();
                newest.Enqueue(moment);
            }
            if (all || newest.Count == count) return [.. newest];
        }
    }

    private bool IsEndOfGapWithTimes(DateTimeOffset at)
    {
        if (Cron.IsInterval) return false;
        var (before, after) = (Zone.GetUtcOffset(at - Second), Zone.GetUtcOffset(at));
        return after > before && Cron.FirstLocal(at.UtcDateTime + before, at.UtcDateTime + after) is not null;
    }

    /// <summary>The clocks showed this time before already.</summary>
    private bool IsRepeat(DateTimeOffset at, TimeSpan offset)
    {
        var before = Zone.GetUtcOffset(at - LookBack);
        if (before <= offset) return false;
        var first = at - (before - offset);
        return Zone.GetUtcOffset(first) == before;
    }

    /// <summary>The first moment after <paramref name="from"/> and not after <paramref name="to"/> with another offset; null where there is none.</summary>
    private DateTimeOffset? Change(DateTimeOffset from, DateTimeOffset to, TimeSpan offset)
    {
        while (from < to)
        {
            var next = to - from > Step ? from + Step : to;
            if (Zone.GetUtcOffset(next) != offset)
            {
                // Invariant: the offset still holds at from and no longer at next.
                while (next - from > Second)
                {
                    var middle = from + TimeSpan.FromSeconds(Math.Floor((next - from).TotalSeconds / 2));
                    if (Zone.GetUtcOffset(middle) == offset) from = middle;
                    else next = middle;
                }
                return next;
            }
            from = next;
        }
        return null;
    }
}
