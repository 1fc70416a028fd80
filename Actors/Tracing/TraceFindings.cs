using System.Globalization;

namespace ActorPerf.Tracing;

/// <summary>What a trace shows that costs time. Pure: spans in, findings out, the costliest first.</summary>
/// <remarks>Nobody can see from outside whether a call needed the answer of the one before it. So what is said of calls one after the other is said of those that look alike (one place in the source, one kind),
/// or that stand alone; and as a saving: what the trace would have taken less, had they been at once.</remarks>
internal static class TraceFindings
{
    /// <summary>So many calls from one place one after the other are a staircase.</summary>
    public const int Steps = 3;

    /// <summary>What would save less than this share of the trace, and less than <see cref="WorthTime"/>, is not worth a word.</summary>
    private const double WorthShare = 0.05;

    private static readonly TimeSpan WorthTime = TimeSpan.FromMilliseconds(5);

    private const int MaxSpans = 200;
    private const int Load = 5;
    private const int Storm = 3;

    /// <param name="spans">Of one trace, the root first.</param>
    /// <param name="reads">Entities read from the store, by the call that asked.</param>
    /// <param name="duration">Of the trace.</param>
    public static IReadOnlyList<Finding> Of(IReadOnlyList<TraceSpan> spans, IReadOnlyList<(string Span, int Key)> reads, TimeSpan duration)
    {
        var found = new List<Finding>();
        foreach (var siblings in spans.Where(static span => span.Parent is not null).GroupBy(static span => span.Parent))
        {
            var calls = siblings.Where(IsCall).OrderBy(static call => call.Start).ThenBy(static call => call.End).ToList();
            found.AddRange(InARow(calls, duration));
        }
        found.AddRange(SameReads(spans, reads));
        found.AddRange(BatchesOfOne(spans));
        found.AddRange(spans.Where(static span => TagOf(span, SpanTags.MissingIndex) is not null).GroupBy(static span => (span.CallSite, TagOf(span, SpanTags.MissingIndex))).Select(static queries => NoIndex([.. queries])));
        found.AddRange(spans.Where(static span => span.Kind == CallKind.Transaction).Select(transaction => ConflictStorm(transaction, spans)).OfType<Finding>());
        found.AddRange(spans.Where(static span => TagOf(span, SpanTags.Unawaited) is not null).GroupBy(static span => span.CallSite).Select(static writes => Unawaited([.. writes])));
        return [.. found.OrderByDescending(static finding => finding.Saving ?? TimeSpan.Zero)];
    }

    private static bool IsCall(TraceSpan span) => !span.IsOpen && (span.Kind is CallKind.Get or CallKind.GetMany or CallKind.Query or CallKind.Count or CallKind.Fetch or CallKind.Own
        || (span.Kind == CallKind.Cache && TagOf(span, SpanTags.Outcome) is "miss" or "joined" or "bypass"));

    // One after the other

    private static IEnumerable<Finding> InARow(List<TraceSpan> calls, TimeSpan duration)
    {
        var alone = new List<TraceSpan>();
        for (var i = 0; i < calls.Count;)
        {
            var run = RunOfOnePlace(calls, i);
            if (run.Count >= Steps)
            {
                if (MissedOverlap(alone, duration) is { } before) yield return before;
                alone.Clear();
                if (Staircase(run, duration) is { } stairs) yield return stairs;
                i += run.Count;
            }
            else if (IsAlone(calls, i))
            {
                alone.Add(calls[i++]);
            }
            else
            {
                // Beside others: what comes before and after has nothing to do with each other.
                if (MissedOverlap(alone, duration) is { } before) yield return before;
                alone.Clear();
                i++;
            }
        }
        if (MissedOverlap(alone, duration) is { } last) yield return last;
    }

    /// <summary>Calls of one place and kind, each begun after the one before had ended.</summary>
    private static List<TraceSpan> RunOfOnePlace(List<TraceSpan> calls, int from)
    {
        var run = new List<TraceSpan> { calls[from] };
        if (!IsAlone(calls, from)) return run;
        for (var i = from + 1; i < calls.Count && IsAlone(calls, i); i++)
        {
            if (calls[i].Kind != run[0].Kind || calls[i].Target != run[0].Target || calls[i].CallSite != run[0].CallSite) break;
            run.Add(calls[i]);
        }
        return run;
    }

    private static bool IsAlone(List<TraceSpan> calls, int at)
    {
        var call = calls[at];
        if (at + 1 < calls.Count && calls[at + 1].Start < call.End) return false;
        for (var i = at - 1; i >= 0; i--)
            if (calls[i].End > call.Start) return false;
        return true;
    }

    private static Finding? Staircase(List<TraceSpan> run, TimeSpan duration)
    {
        var saving = SavingOf(run);
        if (!IsWorthTelling(saving, duration)) return null;
        var remedy = run[0].Kind is CallKind.Get or CallKind.GetMany
            ? "Read them with GetManyAsync, or map them with MapAsync: they become one statement"
            : "Start them all and then await them together, unless each needs the answer of the one before";
        return new Finding(
            FindingSort.Staircase, Text($"{run.Count} calls '{run[0].Name}' came strictly one after the other and took {Ms(Sum(run))}. {remedy}; that saves about {Ms(saving)}."),
            run[0].CallSite, run.Count, saving, Ids(run));
    }

    private static Finding? MissedOverlap(List<TraceSpan> alone, TimeSpan duration)
    {
        if (alone.Count < 2) return null;
        var saving = SavingOf(alone);
        if (!IsWorthTelling(saving, duration)) return null;
        var names = string.Join(", ", alone.Select(static call => $"'{call.Name}'").Distinct().Take(5));
        return new Finding(
            FindingSort.MissedOverlap, Text($"{alone.Count} calls ({names}) came one after the other and took {Ms(Sum(alone))}. Where one does not need the other's answer, start both and then await them; that saves up to {Ms(saving)}."),
            alone[0].CallSite, alone.Count, saving, Ids(alone));
    }

    // Reads

    private static IEnumerable<Finding> SameReads(IReadOnlyList<TraceSpan> spans, IReadOnlyList<(string Span, int Key)> reads)
    {
        var byId = spans.ToDictionary(static span => span.Id, StringComparer.Ordinal);
        var again = new List<TraceSpan>();
        foreach (var key in reads.GroupBy(static read => read.Key))
        {
            var calls = key.Select(read => byId.GetValueOrDefault(read.Span)).OfType<TraceSpan>().OrderBy(static call => call.Start).ToList();
            // Those at the same time share a statement; what came after the answer was known asked once more.
            again.AddRange(calls.Skip(1).Where(call => call.Start >= calls[0].End));
        }
        foreach (var place in again.GroupBy(static call => call.CallSite))
        {
            TraceSpan[] calls = [.. place.Distinct()];
            yield return new Finding(
                FindingSort.SameReadTwice, Text($"{calls.Length} calls '{calls[0].Name}' read from the store what this trace had read before. Read it once and keep it, or do both in one DataScope, which remembers it; that saves up to {Ms(Sum(calls))}."),
                place.Key, calls.Length, Sum(calls), Ids(calls));
        }
    }

    private static IEnumerable<Finding> BatchesOfOne(IReadOnlyList<TraceSpan> spans)
    {
        foreach (var statements in spans.Where(static span => span is { Kind: CallKind.Statement, Shared.Keys: 1 }).GroupBy(static span => (span.Target, TagOf(span, SpanTags.Operation))))
        {
            TraceSpan[] lonely = [.. statements.OrderBy(static span => span.Start)];
            if (MostAtOnce(lonely) < Load) continue;
            var calls = spans.FirstOrDefault(span => span.Id == lonely[0].Parent);
            yield return new Finding(
                FindingSort.BatchOfOne, Text($"{lonely.Length} statements of a single key ('{lonely[0].Name}') went to the store, {MostAtOnce(lonely)} of them at once. Issue the reads without a wait between them (GetManyAsync, MapAsync), so that they share a statement."),
                calls?.CallSite, lonely.Length, null, Ids(lonely));
        }
    }

    private static int MostAtOnce(TraceSpan[] spans)
    {
        var most = 0;
        foreach (var span in spans) most = Math.Max(most, spans.Count(other => other.Start <= span.Start && other.End > span.Start));
        return most;
    }

    // Others

    private static Finding NoIndex(TraceSpan[] queries) => new(
        FindingSort.NoIndex, Text($"'{queries[0].Name}' went through its kind without an index. Declare one: indexes = [\"{TagOf(queries[0], SpanTags.MissingIndex)}\"] for {queries[0].Target}."),
        queries[0].CallSite, queries.Length, null, Ids(queries));

    private static Finding? ConflictStorm(TraceSpan transaction, IReadOnlyList<TraceSpan> spans)
    {
        TraceSpan[] tries = [.. spans.Where(span => span.Kind == CallKind.Try && span.Parent == transaction.Id).OrderBy(static span => span.Start)];
        if (tries.Length < Storm) return null;
        var saving = tries[^1].Start - tries[0].Start;
        return new Finding(
            FindingSort.ConflictStorm, Text($"A transaction met changes by others and was tried {tries.Length} times; all but the last took {Ms(saving)}. Write less in one transaction, spread what many write over several entities, or let a job do it."),
            transaction.CallSite, tries.Length, saving, Ids([transaction]));
    }

    private static Finding Unawaited(TraceSpan[] writes) => new(
        FindingSort.UnawaitedWrite, Text($"{writes.Length} writes ('{writes[0].Name}') were still under way when their scope was left, which waited for them. Await them beside other work, or detach them with a reason (DataScope.Detach)."),
        writes[0].CallSite, writes.Length, null, Ids(writes));

    private static bool IsWorthTelling(TimeSpan saving, TimeSpan duration) => saving >= WorthTime || saving >= duration * WorthShare;

    private static TimeSpan SavingOf(IReadOnlyCollection<TraceSpan> run) => Sum(run) - run.Max(static call => call.Duration);

    private static TimeSpan Sum(IEnumerable<TraceSpan> calls) => new(calls.Sum(static call => call.Duration.Ticks));

    private static string? TagOf(TraceSpan span, string name)
    {
        foreach (var (key, value) in span.Tags)
            if (key == name) return value;
        return null;
    }

    private static IReadOnlyList<string> Ids(IReadOnlyCollection<TraceSpan> spans) => [.. spans.Take(MaxSpans).Select(static span => span.Id)];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Ms(TimeSpan time) => time.TotalMilliseconds >= 10 ? Text($"{time.TotalMilliseconds:0} ms") : Text($"{time.TotalMilliseconds:0.##} ms");
}
