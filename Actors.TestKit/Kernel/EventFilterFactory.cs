using System.Text.RegularExpressions;
using ActorPerf.Kernel;
using Microsoft.Extensions.Logging;

namespace ActorPerf.TestKit;

/// <summary>Chooses events: lines that the actor system logs, such as the failures of actors, and dead letters.</summary>
/// <remarks>
/// Texts match a line whole (<c>message</c>), at its beginning (<c>start</c>) or anywhere (<c>contains</c>); <c>source</c> is the path of
/// the actor that it is about. What actors of your own write to an <c>ILogger</c> is not seen here: give them a logger of the test's.
/// </remarks>
public class EventFilterFactory
{
    private readonly TestKitBase _testkit;

    public EventFilterFactory(TestKitBase testkit) => _testkit = testkit;

    /// <summary>Failures with that exception or a derived one; the texts are looked for in its message and in the line.</summary>
    public IEventFilterApplier Exception<TException>(
        string? message = null, string? start = null, string? contains = null, string? source = null) where TException : Exception =>
        Failures<TException>(Matcher(message, start, contains), source);

    public IEventFilterApplier Exception<TException>(Regex pattern, string? source = null) where TException : Exception =>
        Failures<TException>(pattern.IsMatch, source);

    public IEventFilterApplier Error(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Lines(LogLevel.Error, Matcher(message, start, contains), source);

    public IEventFilterApplier Error(Regex pattern, string? source = null) => Lines(LogLevel.Error, pattern.IsMatch, source);

    public IEventFilterApplier Warning(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Lines(LogLevel.Warning, Matcher(message, start, contains), source);

    public IEventFilterApplier Warning(Regex pattern, string? source = null) => Lines(LogLevel.Warning, pattern.IsMatch, source);

    public IEventFilterApplier Info(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Lines(LogLevel.Information, Matcher(message, start, contains), source);

    public IEventFilterApplier Info(Regex pattern, string? source = null) => Lines(LogLevel.Information, pattern.IsMatch, source);

    public IEventFilterApplier Debug(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Lines(LogLevel.Debug, Matcher(message, start, contains), source);

    public IEventFilterApplier Debug(Regex pattern, string? source = null) => Lines(LogLevel.Debug, pattern.IsMatch, source);

    /// <summary>Messages that reached nobody.</summary>
    public IEventFilterApplier DeadLetter() => Letters(static _ => true, null);

    public IEventFilterApplier DeadLetter<TMessage>(string? source = null) => Letters(static message => message is TMessage, source);

    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string? source = null) =>
        Letters(message => message is TMessage wanted && isMatch(wanted), source);

    private EventFilter Failures<TException>(Predicate<string> text, string? source) where TException : Exception => OfLines(line =>
        line.Level == LogLevel.Error && line.Cause is TException cause && (text(cause.Message) || text(line.Text)) && IsFrom(source, line.Path));

    private EventFilter Lines(LogLevel level, Predicate<string> text, string? source) =>
        OfLines(line => line.Level == level && text(line.Text) && IsFrom(source, line.Path));

    private EventFilter OfLines(Predicate<LogLine> wanted)
    {
        var log = ((ActorSystemImpl)_testkit.Sys).Log;
        return new EventFilter(_testkit, seen => log.Observe(line =>
        {
            if (wanted(line)) seen();
        }));
    }

    private EventFilter Letters(Predicate<object> wanted, string? source) => new(_testkit, seen => new DeadLetterWatch(
        _testkit.Sys,
        letter =>
        {
            if (wanted(letter.Message) && IsFrom(source, letter.Recipient.Path.ToString())) seen();
        }));

    private static bool IsFrom(string? source, string? path) => source is null || path == source || path?.EndsWith(source, StringComparison.Ordinal) == true;

    private static Predicate<string> Matcher(string? message, string? start, string? contains) => text =>
        (message is null || text == message)
        && (start is null || text.StartsWith(start, StringComparison.Ordinal))
        && (contains is null || text.Contains(contains, StringComparison.Ordinal));
}
