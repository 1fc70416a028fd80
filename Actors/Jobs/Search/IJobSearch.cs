using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>The front door to what stands around a search: how much matches, and what could be written next.</summary>
/// <remarks>Jobs that match are listed by <see cref="IJobs.ListAsync"/>. A store that is away throws <see cref="StoreUnavailableException"/>.</remarks>
public interface IJobSearch
{
    /// <summary>Where counting stops.</summary>
    const long MaxCounted = 100_000;

    /// <summary>How many jobs match now, exact up to <see cref="MaxCounted"/>; one more than that means that there are more.</summary>
    ValueTask<long> CountAsync(JobQuery query, CancellationToken ct);

    /// <summary>What can stand where the caret is: fields, or values that are there. At most 20, best first.</summary>
    /// <param name="text">The search as far as it is written; only its first 2,000 characters count.</param>
    /// <param name="at">Characters in front of the caret.</param>
    ValueTask<IReadOnlyList<Completion>> CompleteAsync(Namespace ns, string text, int at, CancellationToken ct);
}

/// <summary>A suggestion: put <paramref name="Text"/> in place of the characters from <paramref name="From"/> up to (not including) <paramref name="To"/>.</summary>
/// <param name="IsField">A value is to follow.</param>
public sealed record Completion(string Text, int From, int To, bool IsField);
