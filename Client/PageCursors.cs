using System.Globalization;

namespace ActorPerf.Client;

/// <summary>Numbers for a node's opaque cursors, which the interface has no other place for. Bounded: the oldest is forgotten first.</summary>
internal sealed class PageCursors
{
    public const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, string> _cursors = [];
    private long _last;

    public long Keep(string cursor)
    {
        lock (_gate)
        {
            _cursors.Add(++_last, cursor);
            _cursors.Remove(_last - Most);
            return _last;
        }
    }

    /// <exception cref="ArgumentException">The number was not given here, or was forgotten.</exception>
    public string Of(long number)
    {
        lock (_gate)
        {
            return _cursors.TryGetValue(number, out var cursor) ? cursor : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"JobQuery.Before {number} is no JobPage.Next of this client, or one too long ago. Begin with the first page."));
        }
    }
}
