namespace ActorPerf.Tracing.Metrics;

/// <summary>Keeps totals from falling that are read in parts while they move: whoever reads a total that fell takes it for begun anew, and counts it all again.</summary>
/// <remarks>As many names as the families have labels. Any thread.</remarks>
public sealed class RisingTotals
{
    private readonly Dictionary<(string Family, string Label), double> _highest = [];
    private readonly Lock _gate = new();

    /// <summary>The highest that was read of it so far, this one included.</summary>
    public double Of(string family, string label, double now)
    {
        lock (_gate)
        {
            if (_highest.TryGetValue((family, label), out var before) && before >= now) return before;
            return _highest[(family, label)] = now;
        }
    }
}
