using System.Text;
using System.Text.Json;
using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Caching;

/// <summary>An invalidation as a row of the feed of all changes. docs/formats/history.md.</summary>
internal static class InvalidationNote
{
    /// <summary>Longer arguments are not sent: the whole task is invalidated on other nodes, which recompute a little more than they must.</summary>
    private const int MaxArgs = 32 * 1024;

    /// <param name="number">The second level's; null where there is none.</param>
    public static FeedNote Of(CacheInvalidation what, long? number)
    {
        if (what is CacheInvalidation.OfKey { Key: { Args.Length: > MaxArgs } key }) what = new CacheInvalidation.OfTask(key.Namespace, key.Task) { Expire = what.Expire };
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (number is { } known) json.WriteNumber("number", known);
            if (what.Expire) json.WriteBoolean("expire", true);
            Write(json, what);
            json.WriteEndObject();
        }
        return new FeedNote(FeedKind.Cache, NamespaceOf(what), Encoding.UTF8.GetString(stream.ToArray()));
    }

    /// <summary>Reads what <see cref="Of"/> wrote; null where it is of a later version of this program: forget everything.</summary>
    public static (CacheInvalidation What, long? Number)? Read(FeedRow row)
    {
        try
        {
            using var document = JsonDocument.Parse(row.Detail ?? "");
            var note = document.RootElement;
            long? number = note.TryGetProperty("number", out var known) ? known.GetInt64() : null;
            var expire = note.TryGetProperty("expire", out var expires) && expires.GetBoolean();
            return Scope(note, row.Namespace) is { } what ? (what with { Expire = expire }, number) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, CacheInvalidation what)
    {
        switch (what)
        {
            case CacheInvalidation.OfKey { Key: var key }:
                json.WriteString("task", key.Task);
                json.WriteNumber("version", key.Version);
                json.WriteString("args", key.Args.Span);
                break;
            case CacheInvalidation.OfTask of: json.WriteString("task", of.Task); break;
            case CacheInvalidation.OfTag of: json.WriteString("tag", of.Tag); break;
            default: break;
        }
    }

    private static CacheInvalidation? Scope(JsonElement note, string ns)
    {
        if (note.TryGetProperty("args", out var args))
            return new CacheInvalidation.OfKey(new CacheKey(Namespace.FromStore(ns), note.GetProperty("task").GetString()!, note.GetProperty("version").GetInt32(), Encoding.UTF8.GetBytes(args.GetString()!)));
        if (note.TryGetProperty("task", out var task)) return new CacheInvalidation.OfTask(Namespace.FromStore(ns), task.GetString()!);
        if (note.TryGetProperty("tag", out var tag)) return new CacheInvalidation.OfTag(Namespace.FromStore(ns), tag.GetString()!);
        return ns.Length > 0 ? new CacheInvalidation.OfNamespace(Namespace.FromStore(ns)) : new CacheInvalidation.Everything();
    }

    private static string NamespaceOf(CacheInvalidation what) => what switch
    {
        CacheInvalidation.OfKey of => of.Key.Namespace.Name,
        CacheInvalidation.OfTask of => of.Namespace.Name,
        CacheInvalidation.OfTag of => of.Namespace.Name,
        CacheInvalidation.OfNamespace of => of.Namespace.Name,
        _ => "",
    };
}
