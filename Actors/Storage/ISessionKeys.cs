using ActorPerf.Cluster;

namespace ActorPerf.Storage;

/// <summary>Where several nodes share a database: the keys with which all of them sign and encrypt what they hand to a browser, so that who is signed in on one is so on
/// every one. Secret: nothing prints them. docs/formats/console-keys.md.</summary>
/// <remarks>Asked a few times a day, by a key ring that cannot wait otherwise: each call holds its thread until the store has answered.</remarks>
public interface ISessionKeys
{
    /// <summary>All that are kept, oldest first; a few a year.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    IReadOnlyList<string> Read();

    /// <summary>Keeps one more.</summary>
    /// <param name="key">As its ring writes it.</param>
    /// <param name="known">How many the caller knows: where there are others by now it is not kept, for their maker was first. Null: in any case.</param>
    /// <returns>Whether it was kept.</returns>
    /// <exception cref="StoreUnavailableException">The store is away, and nobody knows whether it was kept.</exception>
    bool TryAdd(string key, int? known);
}
