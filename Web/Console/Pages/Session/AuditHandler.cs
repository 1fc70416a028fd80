using System.Globalization;
using System.Runtime.CompilerServices;
using ActorPerf.Jobs.Operations;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Export;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What operators did. Needs <c>admin</c>, as in the API.</summary>
internal static class AuditHandler
{
    private const int PageSize = 100;
    private const int ReadAtOnce = 500;

    private static readonly ExportColumn<AuditRow>[] Columns =
    [
        new("seq", row => row.Seq), new("at", row => row.Entry.At), new("who", row => row.Entry.Who), new("origin", row => row.Entry.Origin), new("action", row => row.Entry.Action),
        new("target", row => row.Entry.Target), new("before", row => row.Entry.Before), new("after", row => row.Entry.After),
    ];

    public static async Task<IResult> ShowAsync(ConsoleRequest request)
    {
        var filter = AuditFilter.Parse(request);
        if (filter is null) return request.NotFound("The address names a page that cannot be. Start again from the newest rows.");
        var rows = new List<AuditRow>();
        await foreach (var row in RowsAsync(request.Service<IAudit>(), request.View.Namespace, filter, request.Aborted))
        {
            if (rows.Count == PageSize) break;
            rows.Add(row);
        }
        var older = rows.Count == PageSize ? request.Links.To("audit", (filter with { Before = rows[^1].Seq }).Pairs()) : null;
        return ConsolePage.Of<AuditPage>(request.View, new AuditModel(filter, rows, older));
    }

    public static Task<IResult> SaveAsync(ConsoleRequest request) => Task.FromResult(AuditFilter.Parse(request) is { } filter
        ? ListExport.Of("audit", request.Http.Request.RouteValues["format"] as string, Columns, RowsAsync(request.Service<IAudit>(), request.View.Namespace, filter with { Before = null }, request.Aborted))
        : request.NotFound("The address names a list that cannot be."));

    /// <summary>Rows that match, newest first. What is kept is bounded (<see cref="IAudit.Kept"/>), and so is the reading.</summary>
    private static async IAsyncEnumerable<AuditRow> RowsAsync(IAudit audit, Namespace ns, AuditFilter filter, [EnumeratorCancellation] CancellationToken ct)
    {
        var before = filter.Before;
        while (true)
        {
            var page = await audit.ListAuditAsync(ns, before, ReadAtOnce, ct);
            foreach (var row in page)
                if (filter.Holds(row.Entry)) yield return row;
            if (page.Count < ReadAtOnce) yield break;
            before = page[^1].Seq;
        }
    }
}

/// <summary>Which rows of the audit: each word, where given, is to be found in its column, whatever the letters' case.</summary>
public sealed record AuditFilter(string? Who, string? Action, string? Target, long? Before)
{
    private const int LongestWord = 200;

    /// <summary>Null for an address that cannot be.</summary>
    internal static AuditFilter? Parse(ConsoleRequest request)
    {
        long? before = null;
        if (request.Query("cursor") is { } cursor)
        {
            if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq)) return null;
            before = seq;
        }
        return new AuditFilter(Cut(request.Query("who")), Cut(request.Query("action")), Cut(request.Query("target")), before);
    }

    public bool IsNarrowed => Who is not null || Action is not null || Target is not null;

    /// <summary>What narrows the list, each with the filter that does without it.</summary>
    public IEnumerable<(string Name, string Value, AuditFilter Without)> Parts()
    {
        if (Who is not null) yield return ("who", Who, this with { Who = null });
        if (Action is not null) yield return ("did what", Action, this with { Action = null });
        if (Target is not null) yield return ("to what", Target, this with { Target = null });
    }

    public bool Holds(AuditEntry entry) => Holds(entry.Who, Who) && Holds(entry.Action, Action) && (Holds(entry.Target, Target) || Holds(entry.Before ?? "", Target) || Holds(entry.After ?? "", Target));

    public IEnumerable<KeyValuePair<string, string?>> Pairs() => [new("who", Who), new("action", Action), new("target", Target), new("cursor", Before?.ToString(CultureInfo.InvariantCulture))];

    private static bool Holds(string text, string? wanted) => wanted is null || text.Contains(wanted, StringComparison.OrdinalIgnoreCase);

    private static string? Cut(string? text) => text is { Length: > LongestWord } ? text[..LongestWord] : text;
}

public sealed record AuditModel(AuditFilter Filter, IReadOnlyList<AuditRow> Rows, string? Older);
