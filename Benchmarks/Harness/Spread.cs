namespace ActorPerf.Benchmarks.Harness;

/// <summary>The middle and the ends of several measurements.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <param name="values">At least one, in any order.</param>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) throw new ArgumentException("There is no spread of nothing.", nameof(values));
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>One value, measured once.</summary>
    public static Spread Of(double value) => new(value, value, value);

    /// <summary>The smallest value that at least <paramref name="percent"/> of all values do not exceed (nearest rank).</summary>
    /// <param name="values">At least one, in any order.</param>
    /// <param name="percent">Above 0, at most 100.</param>
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0) throw new ArgumentException("There is no percentile of nothing.", nameof(values));
        return sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * percent / 100) - 1)];
    }
}
