using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console;

/// <summary>The console's own files: embedded, compressed once, and named by their content so that browsers may keep them for ever.</summary>
internal sealed class ConsoleAssets
{
    private const string Root = "console/";
    private const string Style = Root + "style/";
    private static readonly ConsoleAssets Shared = new();

    private readonly FrozenDictionary<string, Asset> _byHashedName;
    private readonly FrozenDictionary<string, string> _hashedNames;

    private ConsoleAssets()
    {
        var names = typeof(ConsoleAssets).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Root, StringComparison.Ordinal)).ToList();
        var assets = names.Where(name => !name.StartsWith(Style, StringComparison.Ordinal)).Select(name => Asset.Of(name[Root.Length..], Read(name))).ToList();
        assets.Add(Asset.Of("app.css", Join(names.Where(name => name.StartsWith(Style, StringComparison.Ordinal)))));
        _byHashedName = assets.ToFrozenDictionary(asset => asset.HashedName, StringComparer.Ordinal);
        _hashedNames = assets.ToFrozenDictionary(asset => asset.Name, asset => asset.HashedName, StringComparer.Ordinal);
    }

    /// <summary>The name to link to. Throws for a file that is not there: that is a misspelling of ours.</summary>
    public static string NameOf(string name) => Shared._hashedNames[name];

    /// <summary>Changes with any of the files: an open page learns from it that the node was updated.</summary>
    public static string Build { get; } = Convert.ToHexStringLower(
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(Shared._hashedNames.Values.Order(StringComparer.Ordinal)))))[..10];

    /// <summary>Bytes that a first visit loads besides the page, compressed.</summary>
    public static long CompressedBytes => Shared._byHashedName.Values.Sum(asset => (long)asset.Brotli.Length);

    public static async Task WriteAsync(HttpContext context, string hashedName)
    {
        if (!Shared._byHashedName.TryGetValue(hashedName, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var encoding = Compression.Accepted(context.Request);
        var bytes = encoding switch { Compression.Brotli => asset.Brotli, Compression.GZip => asset.GZip, _ => asset.Raw };
        var response = context.Response;
        response.Headers.CacheControl = "public, max-age=31536000, immutable";
        response.Headers.Vary = "Accept-Encoding";
        if (encoding is not null) response.Headers.ContentEncoding = encoding;
        response.ContentType = asset.ContentType;
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    /// <summary>The stylesheets of one folder, in the order of their names, as one: a page then asks once.</summary>
    private static byte[] Join(IEnumerable<string> resources) => [.. resources.Order(StringComparer.Ordinal).SelectMany(Read)];

    private static byte[] Read(string resource)
    {
        using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The embedded file '{resource}' cannot be opened.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed record Asset(string Name, string HashedName, string ContentType, byte[] Raw, byte[] Brotli, byte[] GZip)
    {
        public static Asset Of(string name, byte[] raw)
        {
            var extension = Path.GetExtension(name);
            var hash = Convert.ToHexStringLower(SHA256.HashData(raw))[..12];
            return new Asset(
                name, $"{Path.GetFileNameWithoutExtension(name)}-{hash}{extension}", TypeOf(extension), raw,
                Compress(raw, into => new BrotliStream(into, CompressionLevel.SmallestSize)),
                Compress(raw, into => new GZipStream(into, CompressionLevel.SmallestSize)));
        }

        private static string TypeOf(string extension) => extension switch
        {
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };

        private static byte[] Compress(byte[] raw, Func<Stream, Stream> open)
        {
            using var into = new MemoryStream();
            using (var packer = open(into)) packer.Write(raw);
            return into.ToArray();
        }
    }
}
