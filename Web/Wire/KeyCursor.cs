using System.Buffers.Text;
using System.Text;

namespace ActorPerf.Web.Wire;

/// <summary>The opaque cursor of a list in order of key: the last key, encoded.</summary>
internal static class KeyCursor
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Write(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    public static bool TryRead(string text, out string? key)
    {
        key = null;
        try
        {
            key = Strict.GetString(Base64Url.DecodeFromChars(text));
            return key.Length > 0;
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            return false;
        }
    }
}
