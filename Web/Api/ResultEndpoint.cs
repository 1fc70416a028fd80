using System.IO.Compression;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using ActorPerf.Web.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ActorPerf.Web.Api;

/// <summary>A job's bare result under its own media type; a packed one is sent as it is kept to whoever can unpack it.</summary>
internal sealed class ResultEndpoint(FrontDoors doors)
{
    /// <summary>What a browser may show as it is; everything else is a file to it, whatever a task says that it made.</summary>
    private static readonly string[] Shown = ["text/plain", "text/csv"];
    private static readonly StringValues Sandboxed = "sandbox; default-src 'none'; frame-ancestors 'none'";

    public void Map(ApiMap api) => api.Get("/jobs/{id}/result", Scope.Read, GetAsync, new ApiDoc("getJobResult", "Jobs",
        "The bare result of a job that succeeded, under the content type of its task.") { Answers = [(200, "Any"), (304, null)], Parameters = [ApiParameters.IfNoneMatch] });

    private async Task GetAsync(HttpContext context, Namespace ns)
    {
        if (!JobAnswers.TryId(context, out var id, out var text) || await doors.Results.ReadResultAsync(ns, id, context.RequestAborted) is not { } stored)
        {
            await Problems.WriteAsync(context, JobAnswers.Unknown(text));
            return;
        }
        if (Refusal(stored) is { } refusal)
        {
            await Problems.WriteAsync(context, refusal);
            return;
        }
        await SendAsync(context, stored, stored.Bytes.GetValueOrDefault());
    }

    private static async Task SendAsync(HttpContext context, StoredResult stored, ReadOnlyMemory<byte> bytes)
    {
        var headers = context.Response.Headers;
        var asKept = stored is { Coding: ResultCoding.Brotli, Media: null } && TakesBrotli(context.Request);
        // Final: its bytes never change, only the form in which they are sent.
        var etag = $"\"{stored.Row.Version}{(asKept ? "-br" : "")}\"";
        headers.ETag = etag;
        headers.CacheControl = "private, no-cache";
        if (stored.Coding != ResultCoding.None) headers.Vary = "Accept-Encoding";
        if ((string?)context.Request.Headers.IfNoneMatch is { } known && JobAnswers.Knows(known, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        if (asKept)
        {
            headers.ContentEncoding = "br";
            await SendBytesAsync(context, bytes, Answer.JsonType);
        }
        else if (stored.Media is not null) await SendMediaAsync(context, stored, await PlainAsync(stored, bytes, context.RequestAborted), stored.Media);
        else if (stored.Coding == ResultCoding.None) await SendBytesAsync(context, bytes, Answer.JsonType);
        else await SendUnpackedAsync(context, bytes);
    }

    private static async Task SendBytesAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string type)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>Unpacked as it goes out; never whole in memory.</summary>
    private static async Task SendUnpackedAsync(HttpContext context, ReadOnlyMemory<byte> packed)
    {
        context.Response.ContentType = Answer.JsonType;
        await using var unpacking = Unpacking(packed);
        await unpacking.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task SendMediaAsync(HttpContext context, StoredResult stored, ReadOnlyMemory<byte> json, ResultMedia media)
    {
        if (!media.TryDecode(json.Span, out var content)) throw new InvalidDataException($"The result of job {stored.Row.Id} is not the {media.Type} that it was stored as.");
        context.Response.Headers.ContentSecurityPolicy = Sandboxed;
        if (!Shown.Contains(media.BareType, StringComparer.Ordinal)) context.Response.Headers.ContentDisposition = $"attachment; filename=\"{stored.Row.Id}\"";
        await SendBytesAsync(context, content, media.Form == ResultForm.Text && media.Type == media.BareType ? $"{media.Type}; charset=utf-8" : media.Type);
    }

    private static async Task<ReadOnlyMemory<byte>> PlainAsync(StoredResult stored, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (stored.Coding == ResultCoding.None) return bytes;
        using var plain = new MemoryStream();
        await using var unpacking = Unpacking(bytes);
        await unpacking.CopyToAsync(plain, ct);
        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }

    private static BrotliStream Unpacking(ReadOnlyMemory<byte> packed) => new(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);

    /// <summary>Named with a weight above 0; a bare <c>*</c> is no wish for it.</summary>
    private static bool TakesBrotli(HttpRequest request)
    {
        foreach (var offer in request.GetTypedHeaders().AcceptEncoding)
            if (offer.Value.Equals("br", StringComparison.OrdinalIgnoreCase)) return offer.Quality is not 0;
        return false;
    }

    private static Refusal? Refusal(StoredResult stored) => (stored.Row.State, stored.Bytes) switch
    {
        (JobState.Succeeded, { Length: > 0 }) => null,
        (JobState.Succeeded, _) => new Refusal("gone", $"Job {stored.Row.Id} succeeded, and its result is no longer kept. Run it again with the same arguments."),
        (JobState.Failed or JobState.Cancelled or JobState.Expired, _) => new Refusal("state-conflict",
            $"Job {stored.Row.Id} is {stored.Row.State.Word}, so it has no result. GET /api/v1/jobs/{stored.Row.Id} tells why."),
        _ => new Refusal("job-not-finished", $"Job {stored.Row.Id} is {stored.Row.State.Word}. Ask again, or wait with 'Prefer: wait=30' on the job.") { RetryAfter = TimeSpan.FromSeconds(1) },
    };
}
