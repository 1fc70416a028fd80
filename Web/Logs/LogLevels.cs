using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Logs;

/// <summary>How much a node logs, changed while it runs. Goes before the host's rules of the same category; gone with the process.</summary>
internal sealed class LogLevels : IPostConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>, IDisposable
{
    /// <summary>Categories that may have a level of their own.</summary>
    public const int MaxSet = 100;

    private readonly Lock _gate = new();
    private ImmutableSortedDictionary<string, LogLevel> _set = ImmutableSortedDictionary.Create<string, LogLevel>(StringComparer.Ordinal);
    private CancellationTokenSource _changed = new();

    public string Name => Options.DefaultName;

    /// <summary>What was set, by what a category begins with.</summary>
    public IReadOnlyDictionary<string, LogLevel> Set => Volatile.Read(ref _set);

    /// <param name="category">What categories begin with.</param>
    /// <param name="level">Null: as the host has it.</param>
    /// <returns>False when <see cref="MaxSet"/> others have one; nothing changed.</returns>
    public bool TrySet(string category, LogLevel? level)
    {
        CancellationTokenSource old;
        lock (_gate)
        {
            if (level is { } given)
            {
                if (_set.Count >= MaxSet && !_set.ContainsKey(category)) return false;
                _set = _set.SetItem(category, given);
            }
            else _set = _set.Remove(category);
            (old, _changed) = (_changed, new CancellationTokenSource());
        }
        old.Cancel();
        old.Dispose();
        return true;
    }

    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        // Of two rules that fit as well, the later one counts.
        foreach (var (category, level) in Set) options.Rules.Add(new LoggerFilterRule(null, category, level, null));
    }

    public IChangeToken GetChangeToken()
    {
        lock (_gate) return new CancellationChangeToken(_changed.Token);
    }

    public void Dispose() => _changed.Dispose();

    /// <summary>The least serious level that a category writes.</summary>
    public static LogLevel Of(ILoggerFactory loggers, string category)
    {
        var logger = loggers.CreateLogger(category);
        var level = LogLevel.Trace;
        while (level < LogLevel.None && !logger.IsEnabled(level)) level++;
        return level;
    }
}
