using ActorPerf.Tracing;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Calls of a trace as they are drawn: alike ones of one batch, made one after another in the source, are one line, for fifty lines that say the same hide the others.</summary>
/// <param name="First">What all of them are like.</param>
/// <param name="Count">How many there are.</param>
/// <param name="End">When the last of them had ended.</param>
public readonly record struct FoldedSpans(TraceSpan First, int Count, TimeSpan End)
{
    /// <summary>Fewer are drawn each by itself.</summary>
    public const int Least = 4;

    public TimeSpan Length => End - First.Start;

    /// <summary>The lines of a trace in the order of their start.</summary>
    /// <param name="spans">In the order of their start.</param>
    /// <param name="single">Ids of those that stay by themselves, because something leads to them.</param>
    public static IReadOnlyList<FoldedSpans> Of(IReadOnlyList<TraceSpan> spans, IReadOnlySet<string> single)
    {
        var lines = new List<FoldedSpans>(spans.Count);
        for (var i = 0; i < spans.Count;)
        {
            var next = i + 1;
            if (spans[i].Batch is not null && !single.Contains(spans[i].Id))
                while (next < spans.Count && AreAlike(spans[i], spans[next]) && !single.Contains(spans[next].Id)) next++;
            if (next - i >= Least) lines.Add(new FoldedSpans(spans[i], next - i, spans.Skip(i).Take(next - i).Max(static span => span.End)));
            else lines.AddRange(spans.Skip(i).Take(next - i).Select(static span => new FoldedSpans(span, 1, span.End)));
            i = next;
        }
        return lines;
    }

    private static bool AreAlike(TraceSpan one, TraceSpan other) =>
        other.Batch == one.Batch && other.Kind == one.Kind && other.Name == one.Name && other.Depth == one.Depth && other.CallSite == one.CallSite && other.Error is null && one.Error is null
        && other.Shared is null && one.Shared is null && other.IsOpen == one.IsOpen && other.Tags.SequenceEqual(one.Tags);
}
