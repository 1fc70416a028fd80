using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Kernel;

/// <summary>A line that the kernel logged.</summary>
/// <param name="Level">As logged.</param>
/// <param name="Text">The whole line.</param>
/// <param name="Cause">What was thrown, if anything.</param>
/// <param name="Path">Of the actor that the line is about, if it is about one.</param>
internal readonly record struct LogLine(LogLevel Level, string Text, Exception? Cause, string? Path);

/// <summary>The kernel's log, for tests to look at: with an observer every level is on.</summary>
internal sealed class ObservedLog(ILogger inner) : ILogger
{
    private ImmutableArray<Action<LogLine>> _observers = [];

    /// <summary>Tells <paramref name="observer"/> every line, on the thread that logs it, until the result is disposed.</summary>
    public IDisposable Observe(Action<LogLine> observer)
    {
        ImmutableInterlocked.Update(ref _observers, static (all, one) => all.Add(one), observer);
        return new Observation(this, observer);
    }

    public bool IsEnabled(LogLevel logLevel) => _observers.Length > 0 || inner.IsEnabled(logLevel);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (inner.IsEnabled(logLevel)) inner.Log(logLevel, eventId, state, exception, formatter);
        var observers = _observers;
        if (observers.Length == 0) return;
        var line = new LogLine(logLevel, formatter(state, exception), exception, PathIn(state));
        foreach (var observer in observers) observer(line);
    }

    private static string? PathIn<TState>(TState state) =>
        (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(pair => pair.Key is "Path" or "Recipient").Value as string;

    private sealed class Observation(ObservedLog log, Action<LogLine> observer) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref log._observers, static (all, one) => all.Remove(one), observer);
    }
}
