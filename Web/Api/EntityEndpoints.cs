using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>One entity: read, written, patched, removed, each with the conditions of HTTP.</summary>
internal sealed class EntityEndpoints(FrontDoors doors, HttpOptions options)
{
    private const string Pattern = "/data/{kind}/{id}";
    private const int MaxTries = 10;

    public void Map(ApiMap api)
    {
        api.Get(Pattern, Scope.Read, GetAsync, new ApiDoc("getEntity", DataRoutes.Group, "The entity as it stands.")
        {
            Answers = [(200, "Entity"), (304, null)],
            Parameters = [ApiParameters.IfNoneMatch],
        });
        api.Put(Pattern, Scope.Submit, PutAsync, new ApiDoc("putEntity", DataRoutes.Group, "Writes the entity; the body is its data.")
        {
            Answers = [(200, "Entity"), (201, "Entity")],
            Body = "EntityData",
            Parameters = [ApiParameters.IfMatch, ApiParameters.IfAbsent],
        });
        api.Patch(Pattern, Scope.Read | Scope.Submit, PatchAsync, new ApiDoc("patchEntity", DataRoutes.Group, "Changes some members: a JSON merge patch (RFC 7396), carried out as one step.")
        {
            Answers = [(200, "Entity")],
            Body = "EntityData",
            Takes = [BodyRule.MergePatch, BodyRule.Json],
            Parameters = [ApiParameters.IfMatch],
        });
        api.Delete(Pattern, Scope.Submit, DeleteAsync, new ApiDoc("deleteEntity", DataRoutes.Group, "Removes the entity; removing what is not there is no error.")
        {
            Answers = [(204, null)],
            Parameters = [ApiParameters.IfMatch],
        });
    }

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (DataAnswers.Key(context, ns, out var key) is { } fault) await Problems.WriteAsync(context, fault);
        else if (await doors.Data.GetAsync(key, context.RequestAborted) is not { } entity) await Problems.WriteAsync(context, DataAnswers.NotFound(key));
        else if (Precondition.IsKnown(context.Request.Headers.IfNoneMatch, entity.Version)) await Answer.NotModified(context, DataAnswers.ETag(entity.Version));
        else await DataAnswers.One(context, entity);
    }

    private async Task PutAsync(HttpContext context, Namespace ns)
    {
        Precondition condition = new Precondition.Nothing();
        if ((DataAnswers.Key(context, ns, out var key) ?? Precondition.Read(context.Request, out condition)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        var (body, refusal) = await BodyAsync(context);
        refusal ??= EntityBody.Check(body, options.Limits.Depth);
        if (refusal is not null) await Problems.WriteAsync(context, refusal);
        else await PutAsync(context, key, body, condition);
    }

    private async Task PutAsync(HttpContext context, Key key, byte[] data, Precondition condition)
    {
        switch (condition)
        {
            case Precondition.Absent:
                await WriteAsync(context, new EntityWrite.Insert(key, data), data);
                break;
            case Precondition.Present:
                await WriteAsync(context, new EntityWrite.Update(key, data), data);
                break;
            case Precondition.Version { Any: [var version] }:
                await WriteAsync(context, new EntityWrite.Put(key, data) { IfVersion = version }, data);
                break;
            case Precondition.Version several:
                var found = await doors.Data.GetAsync(key, context.RequestAborted);
                if (found is null || !several.Any.Contains(found.Version)) await Problems.WriteAsync(context, Other(key, found));
                else await WriteAsync(context, new EntityWrite.Put(key, data) { IfVersion = found.Version }, data);
                break;
            default:
                await WriteAsync(context, new EntityWrite.Put(key, data), data);
                break;
        }
    }

    /// <param name="data">What stands there afterwards; of no meaning for a delete.</param>
    private async Task WriteAsync(HttpContext context, EntityWrite write, ReadOnlyMemory<byte> data)
    {
        // A write that was begun is carried out: whether the caller still listens is no reason to leave it open what became of it.
        var outcome = (await doors.Data.WriteManyAsync([write], CancellationToken.None))[0];
        switch (outcome.Status)
        {
            case WriteStatus.Written when write is EntityWrite.Delete:
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                break;
            case WriteStatus.Written:
                if (outcome.Created) context.Response.Headers.Location = DataAnswers.Location(context);
                await DataAnswers.One(context, new Entity(write.Key, outcome.Version, data, outcome.At), outcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK);
                break;
            case WriteStatus.Conflict:
                await Problems.WriteAsync(context, Precondition.Failed($"{DataAnswers.Shown(write.Key)} does not stand at version {write.IfVersion}."));
                break;
            default:
                await Problems.WriteAsync(context, Precondition.Failed($"{DataAnswers.Shown(write.Key)} {(outcome.Status == WriteStatus.Exists ? "exists already" : "does not exist")}."));
                break;
        }
    }

    /// <summary>Reads, patches, writes on the version read, and begins again where somebody was faster: no change of another is lost.</summary>
    private async Task PatchAsync(HttpContext context, Namespace ns)
    {
        Precondition condition = new Precondition.Nothing();
        if ((DataAnswers.Key(context, ns, out var key) ?? Precondition.Read(context.Request, out condition)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        var (patch, refusal) = await BodyAsync(context);
        refusal ??= EntityBody.Check(patch, options.Limits.Depth);
        for (var tries = 1; refusal is null; tries++)
        {
            var found = await doors.Data.GetAsync(key, context.RequestAborted);
            if (Refuse(key, found, condition) is { } unfit) refusal = unfit;
            else if (found is not null)
            {
                var data = MergePatch.Apply(found.Data, patch);
                if (data.Length > DataAnswers.MaxEntity) refusal = DataAnswers.TooLarge(data.Length);
                else if (await TryUpdateAsync(context, found, data)) return;
                else if (tries == MaxTries) refusal = new Refusal("version-conflict", $"{DataAnswers.Shown(key)} was changed by others {MaxTries} times while it was patched. Try again.");
            }
        }
        await Problems.WriteAsync(context, refusal);
    }

    private async Task<bool> TryUpdateAsync(HttpContext context, Entity found, ReadOnlyMemory<byte> data)
    {
        try
        {
            var written = await doors.Data.WriteAsync(new EntityWrite.Update(found.Key, data) { IfVersion = found.Version }, CancellationToken.None);
            await DataAnswers.One(context, written!);
            return true;
        }
        catch (Exception lost) when (lost is VersionConflictException or EntityStateException)
        {
            return false;
        }
    }

    private async Task DeleteAsync(HttpContext context, Namespace ns)
    {
        Precondition condition = new Precondition.Nothing();
        if ((DataAnswers.Key(context, ns, out var key) ?? Precondition.Read(context.Request, out condition)) is { } fault)
        {
            await Problems.WriteAsync(context, fault);
            return;
        }
        if (condition is Precondition.Nothing)
        {
            await WriteAsync(context, new EntityWrite.Delete(key), default);
            return;
        }
        var found = await doors.Data.GetAsync(key, context.RequestAborted);
        if (condition is Precondition.Absent) await Problems.WriteAsync(context, new Refusal("invalid-request", "Removing what is not there makes no sense: a delete takes If-Match."));
        else if (Refuse(key, found, condition) is { } unfit) await Problems.WriteAsync(context, unfit.Code == "not-found" ? Precondition.Failed($"{DataAnswers.Shown(key)} does not exist.") : unfit);
        else await WriteAsync(context, new EntityWrite.Delete(key) { IfVersion = found!.Version }, default);
    }

    private static Refusal? Refuse(Key key, Entity? found, Precondition condition) => condition switch
    {
        Precondition.Absent => new Refusal("invalid-request", "A patch changes what is there; 'If-None-Match: *' asks that there be nothing. Use PUT."),
        Precondition.Version several when found is null || !several.Any.Contains(found.Version) => Other(key, found),
        Precondition.Present when found is null => Other(key, null),
        _ when found is null => DataAnswers.NotFound(key),
        _ => null,
    };

    private static Refusal Other(Key key, Entity? found) =>
        Precondition.Failed(found is null ? $"{DataAnswers.Shown(key)} does not exist." : $"{DataAnswers.Shown(key)} stands at version {found.Version}, which If-Match does not name.");

    private static async ValueTask<(byte[] Body, Refusal? Refusal)> BodyAsync(HttpContext context)
    {
        var (body, refusal) = await DataAnswers.BodyAsync(context, DataAnswers.MaxEntity);
        return (body, refusal is null ? null : new Refusal("payload-too-large", $"An entity has at most {DataAnswers.MaxEntity} bytes of JSON. Split it, or keep the large part elsewhere and its address here."));
    }
}
