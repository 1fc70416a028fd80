using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ActorPerf.Web;

/// <summary>Packs what a GET answers with Brotli or gzip, at the fastest level: pages and files of the console, lists of the API.</summary>
/// <remarks>
/// Whoever writes such an answer asks here, and no middleware stands in front of the routes: those that answer little, or often, cost what they cost without it. Event streams never come
/// here, and the console's own files are packed once and kept (<see cref="Console.ConsoleAssets"/>).
/// <para>
/// The length of a packed answer tells how much its parts have in common. Who can read lengths on the line, and make a visitor's browser ask again and again with guesses in the address,
/// finds a secret of the page in that way, encrypted or not (BREACH). Therefore: nothing is packed that a page of another site asked for; nothing that answers a POST, one of which
/// shows a webhook's new secret. The token of a page's forms is encrypted anew for each answer, so that it is never the same text twice, and the console's cookie is not sent for other sites.
/// </para>
/// </remarks>
internal static class Compression
{
    /// <summary>Shorter answers fit into one packet, packed or not.</summary>
    public const int Least = 1_400;

    public const string Brotli = "br";
    public const string GZip = "gzip";
    private const int BrotliQuality = 1;
    private const int BrotliWindow = 18;      // 256 KiB: pages and lists are seldom longer, and it is memory of each answer

    /// <summary>Packs a whole body, and says so in the answer's head.</summary>
    /// <returns>Null where it is sent as it is.</returns>
    public static byte[]? Pack(HttpContext context, ReadOnlySpan<byte> whole)
    {
        if (whole.Length < Least || Choose(context) is not { } coding) return null;
        return coding == Brotli ? PackBrotli(whole) : PackGZip(whole);
    }

    /// <summary>Packs a body of any length as it is written to the stream, which is to be disposed at its end; null where it is sent as it is.</summary>
    public static Stream? Open(HttpContext context) => Choose(context) switch
    {
        Brotli => new BrotliStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true),
        GZip => new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true),
        _ => null,
    };

    private static string? Choose(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (response.StatusCode != StatusCodes.Status200OK || !(HttpMethods.IsGet(request.Method) || context.IsHead())) return null;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        if (IsAskedFromElsewhere(request) || Accepted(request) is not { } coding) return null;
        response.Headers.ContentEncoding = coding;
        return coding;
    }

    private static bool IsAskedFromElsewhere(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" or "none" => false,
        // A browser that does not say it, or none at all; without encryption there is nothing that a length could tell beyond the text itself.
        "" => request.IsHttps && request.Headers.Cookie.Count > 0,
        _ => true,
    };

    /// <summary>Brotli before gzip where both are welcome; null for neither.</summary>
    public static string? Accepted(HttpRequest request)
    {
        if (!StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)) return null;
        return IsWelcome(Brotli) ? Brotli : IsWelcome(GZip) ? GZip : null;

        bool IsWelcome(string coding) => accepted.FirstOrDefault(each => each.Value.Equals(coding, StringComparison.OrdinalIgnoreCase)) is { } named && named.Quality != 0;
    }

    private static byte[] PackBrotli(ReadOnlySpan<byte> whole)
    {
        var into = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(whole.Length));
        try
        {
            return BrotliEncoder.TryCompress(whole, into, out var length, BrotliQuality, BrotliWindow)
                ? into[..length]
                : throw new InvalidOperationException($"{whole.Length} bytes became longer by packing than anything can.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(into);
        }
    }

    private static byte[] PackGZip(ReadOnlySpan<byte> whole)
    {
        using var into = new MemoryStream(whole.Length / 2);
        using (var packer = new GZipStream(into, CompressionLevel.Fastest)) packer.Write(whole);
        return into.ToArray();
    }
}
