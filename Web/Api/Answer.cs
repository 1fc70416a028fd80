using System.Buffers;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Api;

/// <summary>Puts a written JSON text on the answer. The server sends it when the request ends: one write for head and body.</summary>
internal static class Answer
{
    public const string JsonType = "application/json; charset=utf-8";
    private static readonly StringValues NoStore = "no-store";
    private static readonly StringValues Revalidate = "private, no-cache";

    /// <summary>Sends a text that nobody is to keep, and returns its buffer. A long one that answers a GET goes out compressed to who takes that.</summary>
    public static Task Json(HttpContext context, JsonBuffer buffer, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = NoStore;
        if (Compression.Pack(context, buffer.Written) is { } packed) Put(context.Response, buffer, packed);
        else Put(context.Response, buffer, JsonType);
        return Task.CompletedTask;
    }

    private static void Put(HttpResponse response, JsonBuffer buffer, byte[] packed)
    {
        response.ContentType = JsonType;
        response.ContentLength = packed.Length;
        response.BodyWriter.Write(packed);
        buffer.Return();
    }

    /// <summary>Sends a text that carries an ETag: it may be kept and asked about. Never compressed, for an ETag names one row of bytes.</summary>
    public static Task Tagged(HttpContext context, JsonBuffer buffer, string etag, int status = StatusCodes.Status200OK)
    {
        var headers = context.Response.Headers;
        context.Response.StatusCode = status;
        headers.CacheControl = Revalidate;
        headers.ETag = etag;
        Put(context.Response, buffer, JsonType);
        return Task.CompletedTask;
    }

    public static Task NotModified(HttpContext context, string etag)
    {
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        context.Response.Headers.CacheControl = Revalidate;
        context.Response.Headers.ETag = etag;
        return Task.CompletedTask;
    }

    public static void Put(HttpResponse response, JsonBuffer buffer, string contentType)
    {
        var written = buffer.Written;
        response.ContentType = contentType;
        response.ContentLength = written.Length;
        response.BodyWriter.Write(written);
        buffer.Return();
    }
}
