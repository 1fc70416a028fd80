using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Console.Live;

/// <summary>The views that somebody has open: each is sampled once a second however many look at it, and not at all when nobody does.</summary>
internal sealed class LiveTopics(TimeProvider time, ILogger<LiveTopics> log)
{
    public const int MaxWatchers = 2000;
    public const int MaxTopics = 500;

    /// <summary>Pages of one key that watch at once, so that no key takes the views of all.</summary>
    public const int MaxOfOne = 200;
    public static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveTopic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byWho = new(StringComparer.Ordinal);
    private int _watchers;

    /// <summary>Topics being sampled now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _topics.Count;
        }
    }

    /// <summary>Joins the watchers of a view. Leaving is disposing.</summary>
    /// <param name="key">Equal exactly when the samples are.</param>
    /// <param name="create">Makes the source when this watcher is the first.</param>
    /// <param name="who">The key that was signed in with; null on a node without keys, where all who look are on its own machine.</param>
    /// <returns>Null when as many watch as are allowed.</returns>
    public Watcher? TryJoin(string key, Func<ILiveSource> create, string? who = null)
    {
        lock (_lock)
        {
            if (_watchers >= MaxWatchers || (who is not null && _byWho.GetValueOrDefault(who) >= MaxOfOne)) return null;
            if (!_topics.TryGetValue(key, out var topic))
            {
                if (_topics.Count >= MaxTopics) return null;
                topic = new LiveTopic(key, create(), time, log);
                _topics.Add(key, topic);
                topic.Start();
            }
            topic.Watchers++;
            _watchers++;
            if (who is not null) _byWho[who] = _byWho.GetValueOrDefault(who) + 1;
            return new Watcher(this, topic, who);
        }
    }

    private void Leave(LiveTopic topic, string? who)
    {
        lock (_lock)
        {
            _watchers--;
            if (who is not null && --_byWho[who] == 0) _byWho.Remove(who);
            if (--topic.Watchers > 0) return;
            _topics.Remove(topic.Key);
        }
        topic.Dispose();
    }

    /// <summary>One open page.</summary>
    internal sealed class Watcher(LiveTopics owner, LiveTopic topic, string? who) : IDisposable
    {
        private int _left;

        /// <summary>Waits for a frame newer than <paramref name="seen"/>; always the newest, so a slow reader skips and never queues.</summary>
        public Task<LiveFrame> NextAsync(long seen, CancellationToken ct) => topic.NextAsync(seen, ct);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) owner.Leave(topic, who);
        }
    }
}
