using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Data;
using ActorPerf.Tasks;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorPerf.Web.Api;

/// <summary>What the calls about entities share: keys in addresses, bodies, refusals, lists.</summary>
internal static class DataAnswers
{
    /// <summary>Of an entity's JSON, in bytes.</summary>
    public const int MaxEntity = 1024 * 1024;

    /// <summary>Entities named in one call.</summary>
    public const int MaxItems = 1_000;

    private const int FlushAt = 64 * 1024;

    /// <summary>Null with the key of the address; the refusal where kind or id break their rule.</summary>
    public static Refusal? Key(HttpContext context, Namespace ns, out Key key)
    {
        key = default;
        if (Kind(context, out var kind) is { } strange) return strange;
        if (!EntityId.TryParse(IdText(context), out var id, out var fault)) return new Refusal("invalid-request", $"The id in the address cannot be taken: {fault}");
        key = Data.Key.Of(ns, kind, id);
        return null;
    }

    public static Refusal? Kind(HttpContext context, out string kind)
    {
        kind = context.Request.RouteValues["kind"] as string ?? "";
        return Data.Key.IsKind(kind) ? null : new Refusal("invalid-request",
            $"'{JsonFault.Shown(kind)}' is no kind. Write 1 to {Data.Key.MaxKindLength} of A-Z a-z 0-9 . _ -, beginning with a letter.");
    }

    public static Refusal NotFound(Key key) => new("not-found", $"There is no {Shown(key)} in namespace '{key.Namespace}'.");

    public static Refusal TooLarge(int bytes) => new("payload-too-large",
        $"An entity has at most {MaxEntity} bytes of JSON; this one has {bytes}. Split it, or keep the large part elsewhere and its address here.");

    public static string Shown(Key key) => $"{key.Kind}/{JsonFault.Shown(key.Id.ToString())}";

    public static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    public static Task One(HttpContext context, Entity entity, int status = StatusCodes.Status200OK)
    {
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteEntity(entity);
        return Answer.Tagged(context, buffer, ETag(entity.Version), status);
    }

    /// <summary>The body as bytes of its own.</summary>
    /// <param name="setting">Which of <c>http.limits</c> raises the limit.</param>
    public static async ValueTask<(byte[] Body, Refusal? Refusal)> BodyAsync(HttpContext context, long limit, string? setting = null)
    {
        var (body, refusal) = await BodyReading.ReadAsync(context, limit, setting);
        if (refusal is not null) return ([], refusal);
        var bytes = body.ToArray();
        BodyReading.Release(context, body);
        return (bytes, null);
    }

    /// <summary>Answers <c>{"items": […]}</c> piece by piece, so that a long list is never in memory twice.</summary>
    /// <param name="end">Writes the members behind the list.</param>
    public static Task ItemsAsync<T>(HttpContext context, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write, Action<Utf8JsonWriter>? end = null) =>
        ItemsAsync(context, new[] { items }.ToAsyncEnumerable(), write, end);

    /// <summary>The same of a list that comes in parts; a fault before the first of them is an answer of its own.</summary>
    public static async Task ItemsAsync<T>(HttpContext context, IAsyncEnumerable<IReadOnlyList<T>> parts, Action<Utf8JsonWriter, T> write, Action<Utf8JsonWriter>? end = null)
    {
        var writer = context.Response.BodyWriter;
        var (began, unsent) = (false, 0);
        await foreach (var part in parts)
        {
            foreach (var item in part)
            {
                if (began) writer.Write(","u8);
                else Begin(context);
                began = true;
                unsent += Put(writer, item, write);
                if (unsent < FlushAt) continue;
                unsent = 0;
                if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;      // the client left: nothing more is read for it
            }
        }
        if (!began) Begin(context);
        writer.Write("]"u8);
        if (end is null) writer.Write("}"u8);
        else PutEnd(writer, end);
    }

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = Answer.JsonType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.BodyWriter.Write("{\"items\":["u8);
    }

    /// <summary>Writes one text as a line of a stream, and returns its length.</summary>
    public static int PutLine<T>(IBufferWriter<byte> writer, T item, Action<Utf8JsonWriter, T> write)
    {
        var buffer = JsonBuffer.Rent();
        write(buffer.Json, item);
        var line = buffer.AsLine();
        writer.Write(line);
        writer.Write("\n"u8);
        var length = line.Length;
        buffer.Return();
        return length;
    }

    /// <summary>Writes one text, and returns its length.</summary>
    private static int Put<T>(IBufferWriter<byte> writer, T item, Action<Utf8JsonWriter, T> write)
    {
        var buffer = JsonBuffer.Rent();
        write(buffer.Json, item);
        var written = buffer.Written;
        writer.Write(written);
        var length = written.Length;
        buffer.Return();
        return length;
    }

    private static void PutEnd(IBufferWriter<byte> writer, Action<Utf8JsonWriter> end)
    {
        writer.Write(","u8);
        var buffer = JsonBuffer.Rent();
        buffer.Json.WriteStartObject();
        end(buffer.Json);
        buffer.Json.WriteEndObject();
        writer.Write(buffer.Written[1..]);
        buffer.Return();
    }

    /// <summary>Where the entity of the address is: that address, with the id as the client wrote it.</summary>
    public static string Location(HttpContext context)
    {
        var path = $"{context.Request.PathBase}{context.Request.Path}";
        return RawId(context) is { } id ? $"{path[..(path.LastIndexOf('/') + 1)]}{id}" : path;
    }

    /// <summary>The last part of the address: routing leaves %2F as it is, and an id may hold a slash.</summary>
    private static string IdText(HttpContext context) => RawId(context) is { } id ? Uri.UnescapeDataString(id) : context.Request.RouteValues["id"] as string ?? "";

    /// <summary>As the client wrote it; null where the server does not tell.</summary>
    private static string? RawId(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target)) return null;
        var path = target.AsSpan();
        if (path.IndexOf('?') is >= 0 and var query) path = path[..query];
        return path[(path.LastIndexOf('/') + 1)..].ToString();
    }
}
