namespace ActorPerf.Tasks;

/// <summary>How a running task decides, from its result, what becomes of it in the cache. Read when the task has ended; without effect where nothing is remembered.</summary>
/// <remarks>Thread-safe; what was said last counts.</remarks>
public sealed class TaskCache
{
    private readonly Lock _gate = new();
    private CacheChoice? _choice;

    /// <summary>What was decided; null: nothing.</summary>
    public CacheChoice? Choice
    {
        get
        {
            lock (_gate) return _choice;
        }
    }

    /// <summary>Fresh for so long instead of the task's duration; zero keeps nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void KeepFor(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        Decide(choice => choice with { Duration = duration });
    }

    /// <summary>Answered stale for so long after the fresh life: while a refresh runs, and where it failed; null leaves what was said before, or the task's setting.</summary>
    public void StaleFor(TimeSpan? whileRevalidate, TimeSpan? ifError) => Decide(choice =>
        choice with { StaleWhileRevalidate = whileRevalidate ?? choice.StaleWhileRevalidate, StaleIfError = ifError ?? choice.StaleIfError });

    /// <summary>Answered to whoever waits, and not kept.</summary>
    public void DoNotStore() => Decide(static choice => choice with { DoNotStore = true });

    /// <summary>Adds tags; an invalidation of one of them since the start of the run counts.</summary>
    /// <exception cref="ArgumentException">A tag is empty or longer than 256 characters, or there are more than 16.</exception>
    public void Tag(params IEnumerable<string> tags) => Decide(choice =>
    {
        string[] all = [.. (choice.Tags ?? []).Union(tags, StringComparer.Ordinal)];
        if (all.Length > Memoization.MaxTags || Array.Exists(all, static tag => tag.Length is 0 or > Memoization.MaxTagLength))
            throw new ArgumentException($"A result has at most {Memoization.MaxTags} tags of 1 to {Memoization.MaxTagLength} characters.", nameof(tags));
        return choice with { Tags = all };
    });

    private void Decide(Func<CacheChoice, CacheChoice> change)
    {
        lock (_gate) _choice = change(_choice ?? new CacheChoice());
    }
}
