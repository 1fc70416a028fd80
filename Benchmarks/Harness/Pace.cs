namespace ActorPerf.Benchmarks.Harness;

/// <summary>How long and how often is measured.</summary>
/// <param name="Pairs">Interleaved pairs of subject and limit.</param>
/// <param name="Window">One measurement.</param>
/// <param name="WarmUp">Before the first one, for each side: compiled code needs some seconds to become what it is under load.</param>
/// <param name="IsShort">A smoke run: shows that a scenario works, and no figure to rely on.</param>
internal sealed record Pace(int Pairs, TimeSpan Window, TimeSpan WarmUp, bool IsShort)
{
    public static Pace Full { get; } = new(7, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), false);

    public static Pace Short { get; } = new(3, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), true);

    /// <summary>A number of samples or rows, a tenth of it in a smoke run.</summary>
    public int Scale(int full) => IsShort ? Math.Max(1, full / 10) : full;
}
