namespace ActorPerf.Cluster;

/// <summary>The feed of all changes, by which the nodes of a database learn of each other's writes. docs/formats/history.md.</summary>
/// <remarks>
/// Two kinds of reader. Wake-ups take every row as soon as it is to be seen, also those behind the horizon, remember which of them they took, and
/// begin the next look where the last one was complete. Ordered readers stop at the horizon, so that what they told is never preceded by a row that came later.
/// </remarks>
public interface IFeedStore
{
    /// <summary>Whether another node may write to this database: where not, nobody needs to read the feed, nor to write a note for others.</summary>
    bool IsShared { get; }

    /// <summary>This node's mark on the rows that it writes; positive, and no other node of the database has it.</summary>
    long Origin { get; }

    /// <summary>A hint that other nodes' rows may have come; perhaps several at once, perhaps none, perhaps too many. Looking from time to time must be enough. Must not wait.</summary>
    Action? Changed { get; set; }

    /// <summary>Up to where everything is decided, now.</summary>
    /// <exception cref="StoreUnavailableException">Ask again with back-off.</exception>
    ValueTask<FeedPlace> EndAsync(CancellationToken ct);

    /// <summary>Rows behind a place, as far as they are to be seen.</summary>
    /// <param name="after">Rows with a greater place.</param>
    /// <param name="except">Leaves out the rows of this origin; null: none.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <exception cref="StoreUnavailableException">Ask again with back-off.</exception>
    ValueTask<FeedSlice> ReadAsync(FeedPlace after, long? except, int limit, CancellationToken ct);

    /// <summary>The transaction that has been open for longest among those of all programs in this database; null where none is, or where the database knows of no others.</summary>
    /// <exception cref="StoreUnavailableException">Ask again with back-off.</exception>
    ValueTask<OpenTransaction?> OldestTransactionAsync(CancellationToken ct) => new((OpenTransaction?)null);

    /// <summary>Adds a row that tells of no stored change. Durable when it returns.</summary>
    /// <exception cref="StoreUnavailableException">It may have become durable all the same.</exception>
    ValueTask AppendAsync(FeedNote note, CancellationToken ct);
}
