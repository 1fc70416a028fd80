using System.Security.Cryptography;
using System.Text;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Names how a page is built, so that an open page notices when it would be built differently now.</summary>
internal static class Shapes
{
    public static string Of(params IEnumerable<string> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))))[..12];
}
