using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActorPerf.Web.Security;

/// <summary>Making and hashing keys. A key is <c>ap_</c> and 256 random bits in base64url; only its SHA-256 is ever kept.</summary>
public static class ApiKey
{
    /// <summary>Longer keys are refused before they are hashed.</summary>
    public const int MaxLength = 256;

    internal const int HashLength = 32;
    private const string HashPrefix = "sha256:";

    /// <summary>A new key. Show it once.</summary>
    public static string New() => "ap_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What the configuration keeps of a key: <c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
    public static string Hash(string key) => HashPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    internal static bool TryParseHash(string? text, out byte[] hash)
    {
        hash = new byte[HashLength];
        return text is not null && text.Length == HashPrefix.Length + 2 * HashLength && text.StartsWith(HashPrefix, StringComparison.Ordinal)
            && Convert.FromHexString(text.AsSpan(HashPrefix.Length), hash, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <summary>Hashes a presented key; false where it can be no key of ours.</summary>
    internal static bool TryHash(ReadOnlySpan<char> key, Span<byte> hash)
    {
        if (key.IsEmpty || key.Length > MaxLength) return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        return Encoding.ASCII.TryGetBytes(key, bytes, out var written) && SHA256.TryHashData(bytes[..written], hash, out _);
    }
}
