using System.Globalization;

namespace ActorPerf.Web.Wire;

/// <summary>Texts of small whole numbers, such as seconds in headers, each made once.</summary>
internal static class SmallNumbers
{
    private static readonly string?[] Known = new string?[4096];

    public static string Text(long number) => (ulong)number < (ulong)Known.Length
        ? Known[number] ??= number.ToString(CultureInfo.InvariantCulture)
        : number.ToString(CultureInfo.InvariantCulture);
}
