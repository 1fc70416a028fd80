using System.Globalization;
using System.Text;

namespace ActorPerf.Jobs;

/// <summary>When something started of late, so that a <see cref="Rate"/> holds in every stretch of its length, also across a restart.</summary>
/// <remarks>
/// A log of starts, in groups of at most a 64th of the rate's length; a group counts until its last start is as old as the rate is long. So a
/// rate is never exceeded, and starts come later than it allows by at most a 64th of its length. A bucket of tokens would be smaller, and would
/// let twice the limit start around the moment when it is full again.
/// </remarks>
public sealed class RateWindow
{
    private const int Groups = 64;

    private readonly List<Group> _groups = [];

    public bool IsEmpty => _groups.Count == 0;

    /// <summary>Starts that are allowed now.</summary>
    public int Free(Rate rate, DateTimeOffset now)
    {
        long taken = 0;
        var since = Micros(now) - Micros(rate.Per);
        foreach (var group in _groups)
            if (group.Last > since) taken += group.Count;
        return (int)Math.Clamp(rate.Limit - taken, 0, rate.Limit);
    }

    /// <summary>Notes a start.</summary>
    public void Take(Rate rate, DateTimeOffset now)
    {
        var (at, per) = (Micros(now), Micros(rate.Per));
        Forget(at, per);
        if (_groups is [.., var newest] && (at - newest.First < per / Groups || _groups.Count > Groups)) _groups[^1] = new Group(newest.First, Math.Max(at, newest.Last), newest.Count + 1);
        else _groups.Add(new Group(at, at, 1));
    }

    /// <summary>When more starts will be allowed than now; null when no start of late stands in the way of any.</summary>
    public DateTimeOffset? NextAt(Rate rate, DateTimeOffset now)
    {
        var (at, per) = (Micros(now), Micros(rate.Per));
        foreach (var group in _groups)
            if (group.Last > at - per) return DateTimeOffset.UnixEpoch.AddMicroseconds(group.Last + per);
        return null;
    }

    /// <summary>Forgets starts that no rate can count any more.</summary>
    public void Forget(DateTimeOffset now) => Forget(Micros(now), Micros(Rate.Longest));

    /// <summary>For a column: <c>first,last,count;…</c>, microseconds since 1970; null when there is none.</summary>
    public string? Write()
    {
        if (_groups.Count == 0) return null;
        var text = new StringBuilder();
        foreach (var group in _groups)
            text.Append(text.Length > 0 ? ";" : "").Append(CultureInfo.InvariantCulture, $"{group.First},{group.Last},{group.Count}");
        return text.ToString();
    }

    public static RateWindow Read(string? text)
    {
        var window = new RateWindow();
        foreach (var group in text?.Split(';') ?? [])
        {
            var numbers = group.Split(',');
            window._groups.Add(new Group(Number(numbers[0]), Number(numbers[1]), Number(numbers[2])));
        }
        return window;
    }

    private void Forget(long at, long per)
    {
        // A clock that was set back must not hold jobs up until it has come to where it was.
        for (var i = 0; i < _groups.Count; i++)
            if (_groups[i].Last > at) _groups[i] = _groups[i] with { First = Math.Min(_groups[i].First, at), Last = at };
        _groups.RemoveAll(group => group.Last <= at - per);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private readonly record struct Group(long First, long Last, long Count);
}
