using ActorPerf.Caching;
using ActorPerf.Web.Console.Forms;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Three things to try on a node that has never worked.</summary>
public sealed record TourModel(IReadOnlyList<TourStep> Steps)
{
    public static TourModel None { get; } = new([]);
}

/// <param name="Name">Its place in the address of its form.</param>
/// <param name="Button">What the button says; null where the visitor may not submit.</param>
/// <param name="Outcome">What came of pressing it; null before.</param>
public sealed record TourStep(string Name, string Title, string Text, string? Button, IReadOnlyList<CallLine> Lines, string? Outcome);

/// <summary>What came of the memoised call, as the address carries it after the redirect.</summary>
public readonly record struct TourTiming(double Milliseconds, CacheSource Source)
{
    public string Sentence => Source switch
    {
        CacheSource.Hit or CacheSource.Stale => $"Answered from memory in {Words.Duration(TimeSpan.FromMilliseconds(Milliseconds))}. That is all there is to it: the same call, remembered.",
        CacheSource.Collapsed => $"Answered in {Words.Duration(TimeSpan.FromMilliseconds(Milliseconds))} by a computation that was under way already.",
        _ => $"Computed in {Words.Duration(TimeSpan.FromMilliseconds(Milliseconds))}, and remembered. Press again: now it comes from memory.",
    };
}
