namespace ActorPerf.Benchmarks.Harness;

/// <summary>One line of a report.</summary>
/// <param name="Name">What was measured, unique in its scenario.</param>
/// <param name="Unit">Of <paramref name="Value"/> and <see cref="Limit"/>.</param>
internal sealed record Figure(string Name, Spread Value, string Unit)
{
    /// <summary>The same measured of the limit in the same run.</summary>
    public Spread? Limit { get; init; }

    /// <summary>How near the limit is: 1 is as good as the limit, less is worse, for rates (value by limit) and for costs (limit by value) alike.</summary>
    public Spread? Ratio { get; init; }

    /// <summary>Of the value's median.</summary>
    public Promise? Promised { get; init; }

    /// <summary>Of the ratio's median.</summary>
    public Promise? RatioPromised { get; init; }

    public bool? Kept => (Promised, RatioPromised) switch
    {
        (null, null) => null,
        _ => (Promised?.IsKept(Value.Median) ?? true) && (Ratio is not { } ratio || (RatioPromised?.IsKept(ratio.Median) ?? true)),
    };
}
