using System.Globalization;
using ActorPerf.Tasks;
using ActorPerf.Tracing;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Which traces a page shows, as its address says it. What the address says and cannot be is left out.</summary>
/// <param name="MinDuration">As it was written; null for none.</param>
/// <param name="IsEverywhere">Of all namespaces; only for who may see all.</param>
public sealed record TraceFilter(string? Route, string? MinDuration, CallKind? Kind, bool OnlyErrors, bool SlowestFirst, bool IsEverywhere, DateTimeOffset? Before)
{
    public const int PageSize = 50;
    private const int LongestRoute = 500;

    public bool IsNarrowed => Route is not null || MinDuration is not null || Kind is not null || OnlyErrors;

    /// <summary>What is wrong with the shortest time that was written; null where nothing is.</summary>
    public string? Fault => MinDuration is not null && Least is null ? $"'{MinDuration}' is no duration. Write one such as 250ms, 5s or 2m." : null;

    private TimeSpan? Least => Durations.TryParse(MinDuration ?? "", out var least) && least >= TimeSpan.Zero ? least : null;

    internal static TraceFilter Of(ConsoleRequest request) => new(
        Cut(request.Query("route"), LongestRoute),
        Cut(request.Query("min"), 20),
        CallKinds.TryParse(request.Query("kind") ?? "", out var kind) && kind.IsRoot() ? kind : null,
        request.Query("errors") == "1",
        request.Query("sort") == "slowest",
        EverywhereOf(request),
        long.TryParse(request.Query("before"), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks < DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);

    /// <summary>Whether all namespaces are asked for by somebody who may see them.</summary>
    internal static bool EverywhereOf(ConsoleRequest request) => request.Query("everywhere") == "1" && MayEverywhere(request.View.Rights);

    /// <summary>As over the API: an administrator who is bound to no namespace.</summary>
    public static bool MayEverywhere(ConsoleRights rights) => rights.MayForAll(Right.Admin);

    public TraceQuery Query(Namespace ns, int limit = PageSize) => new(IsEverywhere ? null : ns.Name, Route, Least ?? TimeSpan.Zero, limit, SlowestFirst ? TraceOrder.Slowest : TraceOrder.Newest)
    {
        OnlyErrors = OnlyErrors, Kind = Kind, Before = Before,
    };

    public TraceFilter Older(TraceSummary last) => this with { Before = last.EndedAt };

    /// <summary>The same from its first page.</summary>
    public TraceFilter Newest() => this with { Before = null };

    /// <summary>What narrows the list, each with the filter that does without it.</summary>
    public IEnumerable<(string Name, string Value, TraceFilter Without)> Parts()
    {
        if (Route is not null) yield return ("route", Route, this with { Route = null });
        if (MinDuration is not null) yield return ("took at least", MinDuration, this with { MinDuration = null });
        if (Kind is { } kind) yield return ("kind", kind.Word(), this with { Kind = null });
        if (OnlyErrors) yield return ("outcome", "errors only", this with { OnlyErrors = false });
    }

    /// <summary>What the address says.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Pairs() =>
    [
        new("route", Route), new("min", MinDuration), new("kind", Kind?.Word()), new("errors", OnlyErrors ? "1" : null), new("sort", SlowestFirst ? "slowest" : null),
        Everywhere(IsEverywhere), new("before", Before?.UtcTicks.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>The parameter that widens a page to all namespaces.</summary>
    public static KeyValuePair<string, string?> Everywhere(bool on) => new("everywhere", on ? "1" : null);

    private static string? Cut(string? text, int longest) => text?.Length > longest ? text[..longest] : text;
}
