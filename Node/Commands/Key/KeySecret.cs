using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActorPerf.Node.Commands;

/// <summary>The key itself, and the hash that stands for it in configurations.</summary>
internal static class KeySecret
{
    private const int Bytes = 32;

    /// <summary><c>ap_</c> and 256 random bits.</summary>
    public static string New() => "ap_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary><c>sha256:</c> and the lower-case hexadecimal digits of the key text's SHA-256.</summary>
    public static string Hash(string key) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
