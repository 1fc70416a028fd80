namespace ActorPerf.Tracing;

/// <summary>What can be found in a trace. On the wire: the word in lower case, with hyphens (<see cref="FindingSorts.Word"/>).</summary>
public enum FindingSort
{
    /// <summary>Three calls or more of one kind strictly one after the other, from one place in the source: as one batch or at once they would take the time of the longest.</summary>
    Staircase,

    /// <summary>Calls of different kinds or places strictly one after the other that could have been at once.</summary>
    MissedOverlap,

    /// <summary>The same entity read twice or more: a scope would have remembered it.</summary>
    SameReadTwice,

    /// <summary>Statements of a single key while many calls were under way.</summary>
    BatchOfOne,

    /// <summary>A query that no index serves.</summary>
    NoIndex,

    /// <summary>A transaction that had to be tried again and again.</summary>
    ConflictStorm,

    /// <summary>Writes that were still under way when the handler had ended, so that leaving waited for them.</summary>
    UnawaitedWrite,
}

/// <summary>The words of the sorts.</summary>
public static class FindingSorts
{
    private static readonly string[] Words = ["staircase", "missed-overlap", "same-read-twice", "batch-of-one", "no-index", "conflict-storm", "unawaited-write"];

    public static string Word(this FindingSort sort) => Words[(int)sort];

    public static bool TryParse(string word, out FindingSort sort) => (int)(sort = (FindingSort)Array.IndexOf(Words, word)) >= 0;
}

/// <summary>Something in one trace that costs time.</summary>
/// <param name="Message">What happened, the values, and what to do: one or two sentences for people.</param>
/// <param name="CallSite">Where in the source: <c>Pages/Report.cs:41</c>; null where it is not known.</param>
/// <param name="Count">How many calls it is about.</param>
/// <param name="Saving">How much sooner the trace would have ended; null where it cannot be said.</param>
/// <param name="Spans">The ids of the calls it is about, in their order; 200 at most.</param>
public sealed record Finding(FindingSort Sort, string Message, string? CallSite, int Count, TimeSpan? Saving, IReadOnlyList<string> Spans);

/// <summary>Alike findings of one route and call site.</summary>
/// <param name="Traces">Traces that are kept and have it.</param>
/// <param name="Saving">What it would have saved them altogether; null where it cannot be said.</param>
/// <param name="Example">The finding in the trace where it costs most.</param>
/// <param name="ExampleTrace">The <see cref="TraceSummary.Id"/> of that trace.</param>
public sealed record FindingTotal(FindingSort Sort, string Namespace, string Route, string? CallSite, int Traces, TimeSpan? Saving, Finding Example, string ExampleTrace);
