using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Jobs.Search;

/// <summary>What a list of jobs is ordered by; among equals the order of submission decides, in the same direction.</summary>
public enum SortField
{
    CreatedAt,
    FinishedAt,
    RunAt,
    Priority,
    Ran,
}

/// <summary>The order of a list of jobs. By <see cref="SortField.CreatedAt"/> any number of jobs is listed; by another field all that match
/// are looked at first, so that at most 100,000 may be.</summary>
public readonly record struct JobSort(SortField Field, bool Descending)
{
    private static readonly string[] Words = ["createdAt", "finishedAt", "runAt", "priority", "ran"];

    public static JobSort Newest { get; } = new(SortField.CreatedAt, true);

    /// <summary>The words that <see cref="TryParse"/> reads, for people.</summary>
    public static string Known { get; } = string.Join(", ", Words);

    public bool IsBySubmission => Field == SortField.CreatedAt;

    /// <summary>Reads <c>createdAt</c>, <c>-createdAt</c> and so on; a minus descends.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobSort sort)
    {
        sort = Newest;
        if (text is null) return false;
        var descending = text.StartsWith('-');
        var field = Array.IndexOf(Words, descending ? text[1..] : text);
        if (field < 0) return false;
        sort = new JobSort((SortField)field, descending);
        return true;
    }

    /// <summary>Where a job stands in this order, as a number; jobs without one (not finished, not started) stand last in both directions.</summary>
    public long KeyOf(JobRow row, DateTimeOffset now) => (Field switch
    {
        SortField.CreatedAt => row.Seq,
        SortField.FinishedAt => row.FinishedAt is { } finished ? FilterMatch.Microseconds(finished) : null,
        SortField.RunAt => FilterMatch.Microseconds(row.RunAt),
        SortField.Priority => row.Priority,
        _ => FilterMatch.SpanOf(row, SpanField.Ran, now),
    }) ?? NoKey;

    internal long NoKey => Descending ? long.MinValue : long.MaxValue;

    public override string ToString() => (Descending ? "-" : "") + Words[(int)Field];
}

/// <summary>A place in a list of jobs: behind the job with this key and number.</summary>
/// <param name="Key"><see cref="JobSort.KeyOf"/>.</param>
/// <param name="Seq"><see cref="JobRow.Seq"/>.</param>
public readonly record struct JobPlace(long Key, long Seq)
{
    /// <summary>Whether a job comes later in the list.</summary>
    public bool IsBefore(JobPlace other, JobSort sort) => Compare(this, other, sort) < 0;

    public static int Compare(JobPlace a, JobPlace b, JobSort sort)
    {
        var order = a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Seq.CompareTo(b.Seq);
        return sort.Descending ? -order : order;
    }
}

/// <summary>Keeps the first places of a list out of all that are shown to it.</summary>
internal sealed class FirstPlaces(JobSort sort, JobPlace? after, int count)
{
    private readonly List<JobPlace> _kept = [];

    /// <summary>Whether more places came than are kept.</summary>
    public bool HasMore { get; private set; }

    public void Show(JobPlace place)
    {
        if (after is { } behind && !behind.IsBefore(place, sort)) return;
        _kept.Add(place);
        if (_kept.Count > 4 * count) Trim();
    }

    /// <summary>In order.</summary>
    public IReadOnlyList<JobPlace> Take()
    {
        Trim();
        return _kept;
    }

    private void Trim()
    {
        _kept.Sort((a, b) => JobPlace.Compare(a, b, sort));
        if (_kept.Count <= count) return;
        HasMore = true;
        _kept.RemoveRange(count, _kept.Count - count);
    }
}
