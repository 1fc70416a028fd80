using System.Text.Json;

namespace ActorPerf.Node.Output;

/// <summary>One trace as rows of text: each call with when it began, how long it took, and its place in the whole.</summary>
public static class WaterfallText
{
    private const int Width = 40;

    /// <summary>A call's own time, and one that was shared with other requests.</summary>
    private const char Own = '#', Together = '=';

    /// <summary>Which columns are numbers.</summary>
    public static readonly IReadOnlyList<bool> Right = [true, true, false, false, false];

    /// <summary>Fewer alike calls of one batch have a row each.</summary>
    private const int LeastFolded = 4;

    /// <summary>The titles, then a row for each call; alike ones of one batch are one row.</summary>
    /// <param name="every">Each call has a row of its own.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(JsonElement trace, bool every = false)
    {
        var spans = trace.Items("spans");
        var length = Math.Max(spans.Select(End).DefaultIfEmpty().Max(), 1e-9);
        return
        [
            ["STARTS", "TOOK", new string(' ', Width), "CALL", ""],
            .. Folded(spans, every).Select(line => (IReadOnlyList<string>)
                [FineTime.Of(line.Span.Number("start")), FineTime.Of(line.End - (line.Span.Number("start") ?? 0)), Bar(line.Span, line.End, length), Name(line.Span, line.Count), Notes(line.Span)]),
        ];
    }

    /// <summary>Neighbours that are alike in all but their times.</summary>
    private static IEnumerable<(JsonElement Span, int Count, double End)> Folded(IReadOnlyList<JsonElement> spans, bool every)
    {
        for (var i = 0; i < spans.Count;)
        {
            var next = i + 1;
            while (!every && spans[i].Member("batch") is not null && next < spans.Count && Likeness(spans[next]) == Likeness(spans[i])) next++;
            if (next - i >= LeastFolded) yield return (spans[i], next - i, spans.Skip(i).Take(next - i).Max(End));
            else
                foreach (var span in spans.Skip(i).Take(next - i)) yield return (span, 1, End(span));
            i = next;
        }
    }

    private static string Likeness(JsonElement span) => string.Join('\u001f', ((string[])["batch", "kind", "name", "depth", "callSite", "error", "open", "shared"]).Select(name => span.Text(name)));

    private static double End(JsonElement span) => (span.Number("start") ?? 0) + (span.Number("duration") ?? 0);

    /// <summary>What the marks mean, where they are used.</summary>
    public static IEnumerable<string> Legend(JsonElement trace)
    {
        if (trace.Items("spans").Any(HasOthers)) yield return $"{Together} shared with others";
        if (trace.Number("dropped") is > 0 and var dropped) yield return $"{dropped} more calls were counted and not kept";
    }

    private static string Bar(JsonElement span, double end, double length)
    {
        var start = span.Number("start") ?? 0;
        var from = Math.Clamp((int)Math.Floor(Math.Max(start, 0) / length * Width), 0, Width - 1);
        var until = Math.Clamp((int)Math.Ceiling(end / length * Width), from + 1, Width);
        return string.Concat(new string('.', from), new string(HasOthers(span) ? Together : Own, until - from), new string('.', Width - until));
    }

    private static string Name(JsonElement span, int count) =>
        $"{new string(' ', 2 * (int)Math.Clamp(span.Number("depth") ?? 0, 0, 20))}{(count > 1 ? $"{count} x " : "")}{span.Text("name")}";

    private static string Notes(JsonElement span)
    {
        var notes = new List<string>();
        if (span.Text("error") is { Length: > 0 } error) notes.Add($"failed: {error}");
        if (span.Flag("open")) notes.Add("had not ended");
        if (span.Text("batch") is { Length: > 0 } batch) notes.Add($"batch {batch}");
        if (span.Member("shared") is { } shared && Shared(shared, HasOthers(span)) is { Length: > 0 } words) notes.Add(words);
        if (span.Text("callSite") is { Length: > 0 } site) notes.Add(site);
        return string.Join(", ", notes);
    }

    private static string Shared(JsonElement shared, bool others)
    {
        var keys = shared.Number("keys") is > 0 and var count ? count == 1 ? "1 key" : $"{count} keys" : "";
        return others ? $"{(keys.Length > 0 ? $"{keys}, {shared.Text("ownKeys")} its own, " : "")}shared by {shared.Text("calls")} calls" : keys;
    }

    /// <summary>Somebody else had a part in it: another trace, or a request that was not traced.</summary>
    private static bool HasOthers(JsonElement span) => span.Member("shared") is { } shared
        && (shared.Items("others").Count > 0 || shared.Number("keys") > shared.Number("ownKeys") || (shared.Number("keys") == 0 && shared.Number("calls") > 1));
}
