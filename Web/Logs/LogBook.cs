using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Logs;

/// <summary>Remembers the last 2,000 lines of a node's log, and passes on those that come.</summary>
/// <remarks>Invariants: a writer never waits, neither for memory nor for a follower; a follower that is slow, or whose own stream makes lines, gets at most 1,000 a second and is told how many it missed.
/// Gone with the process: what has to last goes where the host's log goes.</remarks>
internal sealed class LogBook(TimeProvider time) : ILoggerProvider
{
    public const int MaxLines = 2_000;
    private const int MaxMessage = 4_096;
    private const int MaxError = 8_192;
    private const int MaxBehind = 1_000;
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly LogLine?[] _ring = new LogLine?[MaxLines];
    private readonly ConcurrentDictionary<string, BookLogger> _loggers = new(StringComparer.Ordinal);
    private long _last;
    private Follower[] _followers = [];

    /// <summary>Who has written, or may, in order of name.</summary>
    public IReadOnlyList<string> Categories => [.. _loggers.Keys.Order(StringComparer.Ordinal)];

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, static (category, book) => new BookLogger(book, category), this);

    /// <summary>The newest lines that are wanted and still remembered, oldest first.</summary>
    /// <param name="count">At most so many; 0 to <see cref="MaxLines"/>.</param>
    public IReadOnlyList<LogLine> Last(LogFilter filter, int count)
    {
        lock (_gate) return Remembered(filter, count);
    }

    /// <summary>Lines as they come, after the newest of those remembered.</summary>
    /// <param name="count">So many of the remembered ones.</param>
    public async IAsyncEnumerable<FollowedLine> FollowAsync(LogFilter filter, int count, [EnumeratorCancellation] CancellationToken ct)
    {
        var follower = new Follower(filter);
        IReadOnlyList<LogLine> before;
        lock (_gate)
        {
            before = Remembered(filter, count);
            _followers = [.. _followers, follower];
        }
        try
        {
            foreach (var line in before) yield return new FollowedLine(line, 0);
            var (since, taken) = (time.GetTimestamp(), 0);
            await foreach (var line in follower.Lines.Reader.ReadAllAsync(ct))
            {
                yield return new FollowedLine(line, follower.TakeMissed());
                if (++taken < MaxBehind) continue;
                var rest = Breath - time.GetElapsedTime(since);
                if (rest > TimeSpan.Zero) await Task.Delay(rest, time, ct);
                (since, taken) = (time.GetTimestamp(), 0);
            }
        }
        finally
        {
            lock (_gate) _followers = [.. _followers.Where(other => other != follower)];
        }
    }

    public void Dispose()
    {
    }

    private void Write(string category, LogLevel level, int id, string message, Exception? exception)
    {
        var error = exception?.ToString();
        lock (_gate)
        {
            var line = new LogLine(++_last, time.GetUtcNow(), level, category, id, Cut(message, MaxMessage), error is null ? null : Cut(error, MaxError));
            _ring[line.Seq % MaxLines] = line;
            foreach (var follower in _followers) follower.Tell(line);
        }
    }

    private List<LogLine> Remembered(LogFilter filter, int count)
    {
        var found = new List<LogLine>();
        for (var seq = _last; seq > 0 && seq > _last - MaxLines && found.Count < count; seq--)
            if (_ring[seq % MaxLines] is { } line && filter.Takes(line)) found.Add(line);
        found.Reverse();
        return found;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)] + "…";

    private sealed class Follower
    {
        private readonly LogFilter _filter;
        private long _missed;

        public Follower(LogFilter filter)
        {
            _filter = filter;
            Lines = Channel.CreateBounded<LogLine>(
                new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _missed));
        }

        public Channel<LogLine> Lines { get; }

        public void Tell(LogLine line)
        {
            if (_filter.Takes(line)) Lines.Writer.TryWrite(line);
        }

        public long TakeMissed() => Interlocked.Exchange(ref _missed, 0);
    }

    private sealed class BookLogger(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            book.Write(category, logLevel, eventId.Id, formatter(state, exception), exception);
    }
}
