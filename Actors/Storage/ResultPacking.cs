using System.IO.Compression;
using ActorPerf.Jobs;

namespace ActorPerf.Storage;

/// <summary>Packs large results: most are text that repeats itself, and the disk is the slowest part of a finish.</summary>
internal static class ResultPacking
{
    /// <summary>Larger ones are packed.</summary>
    public const int Threshold = 64 * 1024;

    // The fastest level: about three times smaller for JSON, at some hundred MB/s. A higher one would hold the writer's thread.
    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>Null when it is small, or would not become at least an eighth smaller.</summary>
    public static byte[]? TryPack(ReadOnlySpan<byte> json)
    {
        if (json.Length <= Threshold) return null;
        var packed = new byte[json.Length - (json.Length / 8)];
        return BrotliEncoder.TryCompress(json, packed, out var length, Quality, Window) ? packed[..length] : null;
    }

    /// <exception cref="InvalidDataException">The bytes are damaged.</exception>
    public static byte[] Unpack(ReadOnlyMemory<byte> bytes, ResultCoding coding)
    {
        if (coding == ResultCoding.None) return bytes.ToArray();
        using var unpacked = new MemoryStream(bytes.Length * 4);
        using var stream = new BrotliStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        stream.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
