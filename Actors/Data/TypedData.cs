using System.Runtime.CompilerServices;
using System.Text.Json;

namespace ActorPerf.Data;

/// <summary>Entities as their types: <c>await data.GetAsync(Accounts, "ann")</c>. Keys are of <see cref="IData.Namespace"/>.</summary>
/// <remarks>An entity that cannot be read into its type fails its own caller, with <see cref="EntityFaultException"/>.</remarks>
public static class TypedData
{
    /// <summary>Null where there is none.</summary>
    public static ValueTask<Entity<T>?> GetAsync<T>(
        this IData data, EntityKind<T> kind, EntityId id, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        return Mapped<Entity?, Entity<T>?>.Of(data.GetAsync(data.Key(kind.Name, id), ct, file, line, member), entity => Read(kind, entity));
    }

    /// <summary>One item per id in their order, null where there is none; one batch.</summary>
    public static ValueTask<IReadOnlyList<Entity<T>?>> GetManyAsync<T>(
        this IData data, EntityKind<T> kind, IEnumerable<EntityId> ids, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(ids);
        return Mapped<IReadOnlyList<Entity?>, IReadOnlyList<Entity<T>?>>.Of(
            data.GetManyAsync([.. ids.Select(id => data.Key(kind.Name, id))], ct, file, line, member), entities => [.. entities.Select(entity => Read(kind, entity))]);
    }

    /// <summary>Writes whether or not there is one.</summary>
    /// <param name="ifVersion">Only if it stands at this version; 0: only if there is none.</param>
    /// <exception cref="VersionConflictException">It stood at another version.</exception>
    public static ValueTask<Entity<T>> PutAsync<T>(
        this IData data, EntityKind<T> kind, EntityId id, T value, long? ifVersion = null, CancellationToken ct = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        return WriteAsync(data, kind, new EntityWrite.Put(data.Key(kind.Name, id), Bytes(kind, value)) { IfVersion = ifVersion }, file, line, member, ct);
    }

    /// <summary>Writes many in one batch, each on its own terms.</summary>
    /// <returns>One outcome per value, in their order.</returns>
    public static ValueTask<IReadOnlyList<WriteOutcome>> PutManyAsync<T>(
        this IData data, EntityKind<T> kind, IEnumerable<(EntityId Id, T Value)> values, CancellationToken ct = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(values);
        return data.WriteManyAsync([.. values.Select(item => new EntityWrite.Put(data.Key(kind.Name, item.Id), Bytes(kind, item.Value)))], ct, file, line, member);
    }

    /// <summary>Writes only where there is none.</summary>
    /// <exception cref="EntityStateException">There is one.</exception>
    public static ValueTask<Entity<T>> InsertAsync<T>(
        this IData data, EntityKind<T> kind, EntityId id, T value, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        return WriteAsync(data, kind, new EntityWrite.Insert(data.Key(kind.Name, id), Bytes(kind, value)), file, line, member, ct);
    }

    /// <summary>Writes only where there is one.</summary>
    /// <exception cref="EntityStateException">There is none.</exception>
    /// <exception cref="VersionConflictException">It stood at another version.</exception>
    public static ValueTask<Entity<T>> UpdateAsync<T>(
        this IData data, EntityKind<T> kind, EntityId id, T value, long? ifVersion = null, CancellationToken ct = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        return WriteAsync(data, kind, new EntityWrite.Update(data.Key(kind.Name, id), Bytes(kind, value)) { IfVersion = ifVersion }, file, line, member, ct);
    }

    /// <summary>Replaces an entity that was read, if it still stands at that version.</summary>
    /// <exception cref="VersionConflictException">It was changed meanwhile.</exception>
    public static ValueTask<Entity<T>> UpdateAsync<T>(
        this IData data, EntityKind<T> kind, Entity<T> read, T value, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(read);
        return WriteAsync(data, kind, new EntityWrite.Update(read.Key, Bytes(kind, value)) { IfVersion = read.Version }, file, line, member, ct);
    }

    /// <summary>Removes it; removing what is not there is no error.</summary>
    /// <exception cref="VersionConflictException">It stood at another version than <paramref name="ifVersion"/>.</exception>
    public static ValueTask<Entity?> DeleteAsync(
        this IData data, EntityKind kind, EntityId id, long? ifVersion = null, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(kind);
        return data.WriteAsync(new EntityWrite.Delete(data.Key(kind.Name, id)) { IfVersion = ifVersion }, ct, file, line, member);
    }

    /// <summary>What stands there, or else <paramref name="value"/>, inserted. Of many who ask at once one inserts, and all get the same.</summary>
    public static ValueTask<Entity<T>> GetOrInsertAsync<T>(
        this IData data, EntityKind<T> kind, EntityId id, Func<T> value, CancellationToken ct = default, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string member = "")
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(value);
        _ = data.Key(kind.Name, id);
        return GetOrInsertAsync(data, kind, id, value, file, line, member, ct);
    }

    private static async ValueTask<Entity<T>> GetOrInsertAsync<T>(IData data, EntityKind<T> kind, EntityId id, Func<T> value, string file, int line, string member, CancellationToken ct)
    {
        while (true)
        {
            if (await data.GetAsync(kind, id, ct, file, line, member) is { } found) return found;
            try
            {
                return await data.InsertAsync(kind, id, value(), ct, file, line, member);
            }
            catch (EntityStateException)
            {
                // Somebody was faster: read theirs.
            }
        }
    }

    private static ValueTask<Entity<T>> WriteAsync<T>(IData data, EntityKind<T> kind, EntityWrite write, string file, int line, string member, CancellationToken ct) =>
        Mapped<Entity?, Entity<T>>.Of(data.WriteAsync(write, ct, file, line, member), entity => Read(kind, entity)!);

    private static byte[] Bytes<T>(EntityKind<T> kind, T value) => JsonSerializer.SerializeToUtf8Bytes(value, kind.Json);

    internal static Entity<T>? Read<T>(EntityKind<T> kind, Entity? entity)
    {
        if (entity is null) return null;
        try
        {
            var value = JsonSerializer.Deserialize(entity.Data.Span, kind.Json) ?? throw new JsonException("It is null.");
            return new Entity<T>(entity.Key, entity.Version, value, entity.UpdatedAt);
        }
        catch (JsonException fault)
        {
            throw new EntityFaultException($"{entity.Key} cannot be read as {typeof(T).Name}: {fault.Message}", fault);
        }
    }
}
