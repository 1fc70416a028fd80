using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorPerf.Node.Serving;

/// <summary>What the nodes of one process differ in.</summary>
internal static partial class NodePlaces
{
    private const int LastPort = 65_535;

    /// <summary>The name counted on: <c>node-1</c> is followed by <c>node-2</c>; one without a number takes <c>-1</c>, <c>-2</c> and so on.</summary>
    /// <param name="first">As configured.</param>
    /// <param name="place">From 0.</param>
    public static string Name(string first, int place)
    {
        var number = Number().Match(first);
        if (number.Success && place == 0) return first;
        return number.Success && int.TryParse(number.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            ? string.Create(CultureInfo.InvariantCulture, $"{first[..number.Groups[1].Index]}{from + place}")
            : string.Create(CultureInfo.InvariantCulture, $"{first}-{place + 1}");
    }

    /// <summary>The addresses with ports that follow those configured; port 0, which is any free one, stays.</summary>
    /// <param name="first">One address, or several with <c>;</c> between them.</param>
    /// <param name="place">From 0.</param>
    /// <exception cref="UsageException">There is no such port.</exception>
    public static string Url(string first, int place) =>
        string.Join(';', first.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(url => Moved(url, place)));

    private static string Moved(string url, int place)
    {
        var found = Port().Match(url);
        var secure = url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        var from = found.Success ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : secure ? 443 : 80;
        if (from == 0 || place == 0) return url;
        if (from + place > LastPort) throw new UsageException($"Node {place + 1} of this process would listen on port {from + place}, and there is none above {LastPort}. Take a lower port: --http:url http://127.0.0.1:8080");
        var port = string.Create(CultureInfo.InvariantCulture, $":{from + place}");
        return found.Success ? string.Concat(url.AsSpan(0, found.Index), port, url.AsSpan(found.Index + found.Length)) : url.TrimEnd('/') + port;
    }

    [GeneratedRegex(@"-([0-9]{1,6})$")]
    private static partial Regex Number();

    [GeneratedRegex(@":([0-9]{1,5})(?=/?$)")]
    private static partial Regex Port();
}
