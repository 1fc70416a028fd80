using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>Many entities of a kind in one call, each on its own terms; and numbers for new ones.</summary>
internal sealed class EntityListEndpoints(FrontDoors doors, HttpOptions options)
{
    private const int MaxAllocation = 100_000;

    /// <summary>Read before it is known how long entities are.</summary>
    private const int FirstPart = 64;

    /// <summary>Read in one go from then on, and not more than these bytes as far as those before tell.</summary>
    private const int LargestPart = 500;
    private const long PartBytes = 16 * 1024 * 1024;

    public void MapReads(ApiMap api) =>
        api.Post("/data/{kind}/get", Scope.Read, GetAsync, new ApiDoc("getEntities", DataRoutes.Group, "Many entities in the order asked, null where there is none; the first 64 in one statement.")
        {
            Body = "EntityIds",
            Answers = [(200, "EntityItems")],
        });

    public void Map(ApiMap api)
    {
        api.Post("/data/{kind}/put", Scope.Submit, PutAsync, new ApiDoc("putEntities", DataRoutes.Group, "Writes many entities, each on its own terms. Without an id one is allocated.")
        {
            Body = "EntityPuts",
            Answers = [(200, "EntityOutcomes")],
        });
        api.Post("/data/{kind}/allocate", Scope.Submit, AllocateAsync, new ApiDoc("allocateIds", DataRoutes.Group, "Numbers that no other caller gets, in a row.")
        {
            Body = "Allocation",
            Answers = [(200, "EntityIds")],
        });
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.Args, "args");
        IReadOnlyList<Key> keys = [];
        if ((refusal ?? DataAnswers.Kind(context, out _) ?? ReadKeys(context, ns, body, out keys)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        await DataAnswers.ItemsAsync(context, ReadAsync(context.Response, keys, context.RequestAborted), static (json, entity) =>
        {
            if (entity is null) json.WriteNullValue();
            else json.WriteEntity(entity);
        });
    }

    /// <summary>Reads part by part: no more than some of it is in memory, however much is asked for. An answer that is not long fails as a whole where a part of it does.</summary>
    private async IAsyncEnumerable<IReadOnlyList<Entity?>> ReadAsync(HttpResponse response, IReadOnlyList<Key> keys, [EnumeratorCancellation] CancellationToken ct)
    {
        var (part, read, held) = (FirstPart, 0L, 0L);
        var ready = new List<Entity?>();
        for (var from = 0; from < keys.Count;)
        {
            Key[] next = [.. keys.Skip(from).Take(part)];
            ready.AddRange(await doors.Data.GetManyAsync(next, ct));
            from += next.Length;
            var bytes = ready.Skip(ready.Count - next.Length).Sum(static entity => (long)(entity?.Data.Length ?? 0));
            (read, held) = (read + bytes, held + bytes);
            part = (int)Math.Clamp(PartBytes / Math.Max(1, read / from), 1, LargestPart);
            if (held < PartBytes && from < keys.Count) continue;
            yield return ready;
            // From here on it has begun: a fault breaks it off, so that half of it does not look like the whole.
            if (from < keys.Count && (await response.BodyWriter.FlushAsync(ct)).IsCompleted) yield break;      // the client left
            (ready, held) = ([], 0);
        }
    }

    private Refusal? ReadKeys(HttpContext context, Namespace ns, byte[] body, out IReadOnlyList<Key> keys)
    {
        keys = [];
        if (DataAnswers.Kind(context, out var kind) is { } strange) return strange;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["ids"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (!document.Has("ids", out var ids) || ids.ValueKind != JsonValueKind.Array) return JsonFault.Member("/ids", "Write an array of ids, each a text: [\"12\", \"ann\"].");
            if (ids.GetArrayLength() > DataAnswers.MaxItems) return JsonFault.Member("/ids", $"{ids.GetArrayLength()} ids; at most {DataAnswers.MaxItems} in one call.");
            var read = new List<Key>(ids.GetArrayLength());
            foreach (var element in ids.EnumerateArray())
            {
                if (EntityFields.Id(element, $"/ids/{read.Count}", out var id) is { } bad) return JsonFault.Members([bad]);
                read.Add(Key.Of(ns, kind, id));
            }
            keys = read;
            return null;
        }
    }

    private async Task PutAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.ArrayBody, "array-body");
        List<Item> items = [];
        if ((refusal ?? ReadItems(context, body, out items)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        DataAnswers.Kind(context, out var kind);
        await AllocateAsync(kind, items);
        // All of them are on their way before the first is awaited, so they share statements.
        var writes = items.ConvertAll(item => item.Fault is null
            ? doors.Data.WriteAsync(new EntityWrite.Put(Key.Of(ns, kind, item.Id), item.Data) { IfVersion = item.Version }, CancellationToken.None).AsTask()
            : Task.FromResult<Entity?>(null));
        Exception? away = null;
        for (var i = 0; i < items.Count; i++)
        {
            (items[i], var failure) = await EndAsync(items[i], writes[i]);
            away ??= failure;
        }
        // Where the store took nothing it is the whole call that failed; else each says what became of it.
        if (away is not null && !items.Exists(static item => item is { Fault: null })) ExceptionDispatchInfo.Throw(away);
        await DataAnswers.ItemsAsync(context, items, Write);
    }

    private async ValueTask AllocateAsync(string kind, List<Item> items)
    {
        var nameless = items.Count(static item => item.Fault is null && !item.Id.IsValid);
        if (nameless == 0) return;
        var next = await doors.Data.AllocateAsync(kind, nameless);
        for (var i = 0; i < items.Count; i++)
            if (items[i].Fault is null && !items[i].Id.IsValid) items[i] = items[i] with { Id = next++ };
    }

    /// <returns>What became of it, and the store's failure where that was the reason.</returns>
    private static async ValueTask<(Item Item, Exception? Away)> EndAsync(Item item, Task<Entity?> write)
    {
        if (item.Fault is not null) return (item, null);
        try
        {
            return (await write is { } entity ? item with { Version = entity.Version } : item, null);
        }
        catch (VersionConflictException)
        {
            return (item with { Fault = new Refusal("version-conflict", $"'{item.Id}' does not stand at version {item.Version}. Read it again, and repeat.") }, null);
        }
        catch (EntityFaultException fault)
        {
            return (item with { Fault = new Refusal("invalid-request", fault.Message) }, null);
        }
        catch (Exception away) when (Problems.OfStore(away) is { } refusal)
        {
            return (item with { Fault = refusal }, away);
        }
    }

    private static void Write(Utf8JsonWriter json, Item item)
    {
        json.WriteStartObject();
        if (item.Fault is { } fault)
        {
            // Also of one that was allocated here: a repeat under it writes no second entity.
            if (item.Id.IsValid) json.WriteString(N.Id, item.Id.ToString());
            json.WritePropertyName(N.Problem);
            Problems.WriteProblem(json, fault, null);
        }
        else
        {
            json.WriteString(N.Id, item.Id.ToString());
            json.WriteNumber(N.Version, item.Version ?? 0);
        }
        json.WriteEndObject();
    }

    private Refusal? ReadItems(HttpContext context, byte[] body, out List<Item> items)
    {
        items = [];
        if (DataAnswers.Kind(context, out _) is { } strange) return strange;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["entities"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (!document.Has("entities", out var entities) || entities.ValueKind != JsonValueKind.Array)
                return JsonFault.Member("/entities", "Write an array of {\"id\": …, \"data\": {…}}.");
            if (entities.GetArrayLength() > DataAnswers.MaxItems) return JsonFault.Member("/entities", $"{entities.GetArrayLength()} entities; at most {DataAnswers.MaxItems} in one call.");
            var seen = new HashSet<EntityId>();
            var faults = new List<FieldFault>();
            foreach (var element in entities.EnumerateArray())
            {
                var pointer = string.Create(CultureInfo.InvariantCulture, $"/entities/{items.Count}");
                if (ReadItem(element, pointer, out var item) is { } bad) faults.Add(bad);
                else if (item.Id.IsValid && !seen.Add(item.Id)) faults.Add(new FieldFault($"{pointer}/id", "The id is there twice; one call writes an entity once."));
                items.Add(item);
            }
            return faults.Count == 0 ? null : JsonFault.Members([.. faults.Take(EntityFields.MaxFaults)]);
        }
    }

    private static FieldFault? ReadItem(JsonElement element, string pointer, out Item item)
    {
        item = new Item(default, null, default, null);
        if (EntityFields.Members(element, pointer, "id", "data", "version") is { } unknown) return unknown;
        if (EntityFields.Data(element, pointer, out var data) is { } badData) return badData;
        if (EntityFields.Version(element, pointer, out var version) is { } badVersion) return badVersion;
        var id = default(EntityId);
        if (EntityFields.Has(element, "id", out var text) && EntityFields.Id(text, $"{pointer}/id", out id) is { } badId) return badId;
        item = new Item(id, version, data, data.Length > DataAnswers.MaxEntity ? DataAnswers.TooLarge(data.Length) : null);
        return null;
    }

    private async Task AllocateAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.Args, "args");
        var count = 0;
        var kind = "";
        if ((refusal ?? DataAnswers.Kind(context, out kind) ?? ReadCount(body, out count)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        var first = await doors.Data.AllocateAsync(kind, count, context.RequestAborted);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        buffer.Json.WriteStartArray(N.Ids);
        for (var i = 0; i < count; i++) buffer.Json.WriteStringValue((first + i).ToString(CultureInfo.InvariantCulture));
        buffer.Json.WriteEndArray();
        buffer.Json.WriteEndObject();
        await Answer.Json(context, buffer);
    }

    private Refusal? ReadCount(byte[] body, out int count)
    {
        count = 1;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["count"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            if (!document.Has("count", out var value)) return null;
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out count) && count is >= 1 and <= MaxAllocation
                ? null
                : JsonFault.Member("/count", $"Write a whole number from 1 to {MaxAllocation}.");
        }
    }

    /// <param name="Version">Asked for at first, then where it stands.</param>
    private readonly record struct Item(EntityId Id, long? Version, ReadOnlyMemory<byte> Data, Refusal? Fault);
}
