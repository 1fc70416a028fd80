using System.Globalization;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>All or nothing: what was read must stand as it was, then everything is written.</summary>
internal sealed class CommitEndpoint(FrontDoors doors, HttpOptions options)
{
    private const int MaxEach = 500;
    private static readonly string[] Actions = ["put", "insert", "update", "delete"];

    public void Map(ApiMap api) => api.Post("/data/commit", Scope.Submit, CommitAsync, new ApiDoc("commit", DataRoutes.Group, "Checks reads and carries out writes, all or nothing.")
    {
        Body = "Commit",
        Answers = [(200, "Committed")],
    });

    private async Task CommitAsync(HttpContext context, Namespace ns)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, options.Limits.ArrayBody, "array-body");
        EntityCommit? commit = null;
        refusal ??= Read(body, ns, out commit);
        if (refusal is not null || commit is null)
        {
            await Problems.WriteAsync(context, refusal!);
            return;
        }
        var outcome = await doors.Data.CommitAsync(commit, CancellationToken.None);
        if (!outcome.Committed)
        {
            await Problems.WriteAsync(context, Conflict(commit, outcome));
            return;
        }
        await DataAnswers.ItemsAsync(context, commit.Writes.Zip(outcome.Outcomes).ToList(), static (json, done) =>
        {
            json.WriteStartObject();
            json.WriteString(N.Kind, done.First.Key.Kind);
            json.WriteString(N.Id, done.First.Key.Id.ToString());
            json.WriteNumber(N.Version, done.First is EntityWrite.Delete ? 0 : done.Second.Version);
            json.WriteEndObject();
        });
    }

    /// <summary>Names each key that stood in the way, where the body names it.</summary>
    private static Refusal Conflict(EntityCommit commit, CommitOutcome outcome)
    {
        var faults = new List<FieldFault>();
        var keys = outcome.Conflicts.ToHashSet();
        for (var i = 0; i < commit.Reads.Count; i++)
            if (keys.Contains(commit.Reads[i].Key))
                faults.Add(new FieldFault(At("reads", i), $"{DataAnswers.Shown(commit.Reads[i].Key)} does not stand at version {commit.Reads[i].Version}."));
        for (var i = 0; i < commit.Writes.Count; i++)
            if (keys.Contains(commit.Writes[i].Key) && outcome.Outcomes.Count > i) faults.Add(new FieldFault(At("mutations", i), Told(commit.Writes[i], outcome.Outcomes[i])));
        return Refusal.Invalid(
            "version-conflict", $"Nothing was written: {string.Join(", ", outcome.Conflicts.Take(20).Select(DataAnswers.Shown))}{(outcome.Conflicts.Count > 20 ? " and others" : "")} stood in the way. Read again, and repeat.", faults);
    }

    private static string Told(EntityWrite write, WriteOutcome outcome) => (write, outcome) switch
    {
        (EntityWrite.Insert, { Version: > 0 }) => $"{DataAnswers.Shown(write.Key)} exists already, at version {outcome.Version}.",
        (_, { Version: 0 }) => $"{DataAnswers.Shown(write.Key)} does not exist.",
        _ => $"{DataAnswers.Shown(write.Key)} stands at version {outcome.Version}.",
    };

    private Refusal? Read(byte[] body, Namespace ns, out EntityCommit? commit)
    {
        commit = null;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, ["reads", "mutations"], out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            var faults = new List<FieldFault>();
            var reads = List<EntityRead>(document, "reads", faults, (JsonElement element, string pointer, out EntityRead read) => Read(element, pointer, ns, out read));
            var writes = List<EntityWrite>(document, "mutations", faults, (JsonElement element, string pointer, out EntityWrite write) => Read(element, pointer, ns, out write));
            var seen = new HashSet<Key>();
            for (var i = 0; i < writes.Count && faults.Count == 0; i++)
                if (!seen.Add(writes[i].Key)) faults.Add(new FieldFault(At("mutations", i), $"{DataAnswers.Shown(writes[i].Key)} is there twice; a commit writes an entity once."));
            if (faults.Count > 0) return JsonFault.Members([.. faults.Take(EntityFields.MaxFaults)]);
            if (reads.Count + writes.Count == 0) return JsonFault.Member("", "There is nothing to do: name mutations, reads, or both.");
            if (writes.FirstOrDefault(static write => Size(write) > DataAnswers.MaxEntity) is { } large) return DataAnswers.TooLarge(Size(large));
            commit = new EntityCommit(Guid.NewGuid(), reads, writes);
            return null;
        }
    }

    private delegate FieldFault? ReadOne<T>(JsonElement element, string pointer, out T one);

    private static List<T> List<T>(JsonDocument document, string name, List<FieldFault> faults, ReadOne<T> read)
    {
        var items = new List<T>();
        if (!document.Has(name, out var value)) return items;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxEach)
        {
            faults.Add(new FieldFault("/" + name, $"Write an array of at most {MaxEach}."));
            return items;
        }
        var at = 0;
        foreach (var element in value.EnumerateArray())
            if (read(element, At(name, at++), out var item) is { } fault) faults.Add(fault);
            else items.Add(item);
        return items;
    }

    private static FieldFault? Read(JsonElement element, string pointer, Namespace ns, out EntityRead read)
    {
        read = default;
        if (EntityFields.Members(element, pointer, "kind", "id", "version") is { } unknown) return unknown;
        if (ReadKey(element, pointer, ns, out var key) is { } badKey) return badKey;
        if (EntityFields.Version(element, pointer, out var version) is { } badVersion) return badVersion;
        if (version is null) return new FieldFault($"{pointer}/version", "Write the version that was read; 0 where there was none.");
        read = new EntityRead(key, version.Value);
        return null;
    }

    private static FieldFault? Read(JsonElement element, string pointer, Namespace ns, out EntityWrite write)
    {
        write = new EntityWrite.Delete(default);
        if (EntityFields.Members(element, pointer, Actions) is { } unknown) return unknown;
        if (element.EnumerateObject().Count() != 1) return new FieldFault(pointer, $"Write one of {string.Join(", ", Actions)}.");
        var (action, inner) = element.EnumerateObject().Select(static member => (member.Name, member.Value)).First();
        pointer = $"{pointer}/{action}";
        var deletes = action == "delete";
        if ((deletes ? EntityFields.Members(inner, pointer, "kind", "id", "version") : EntityFields.Members(inner, pointer, "kind", "id", "data", "version")) is { } strange) return strange;
        if (ReadKey(inner, pointer, ns, out var key) is { } badKey) return badKey;
        if (EntityFields.Version(inner, pointer, out var version) is { } badVersion) return badVersion;
        ReadOnlyMemory<byte> data = default;
        if (!deletes && EntityFields.Data(inner, pointer, out data) is { } badData) return badData;
        write = action switch
        {
            "put" => new EntityWrite.Put(key, data) { IfVersion = version },
            "insert" => new EntityWrite.Insert(key, data) { IfVersion = version },
            "update" => new EntityWrite.Update(key, data) { IfVersion = version },
            _ => new EntityWrite.Delete(key) { IfVersion = version },
        };
        return null;
    }

    private static FieldFault? ReadKey(JsonElement element, string pointer, Namespace ns, out Key key)
    {
        key = default;
        if (EntityFields.Kind(element, pointer, out var kind) is { } badKind) return badKind;
        if (!EntityFields.Has(element, "id", out var text)) return new FieldFault($"{pointer}/id", "Write the id.");
        if (EntityFields.Id(text, $"{pointer}/id", out var id) is { } badId) return badId;
        key = Key.Of(ns, kind, id);
        return null;
    }

    private static int Size(EntityWrite write) => write switch
    {
        EntityWrite.Put put => put.Data.Length,
        EntityWrite.Insert insert => insert.Data.Length,
        EntityWrite.Update update => update.Data.Length,
        _ => 0,
    };

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"/{list}/{index}");
}
