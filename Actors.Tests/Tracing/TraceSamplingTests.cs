using System.Diagnostics;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Tracing;

public sealed class TraceSamplingTests
{
    /// <summary>In a fresh process a collector may be asked about the source of spans while that source is being made.</summary>
    [Theory]
    [InlineData(Spans.SourceName, null, true)]
    [InlineData(Spans.SourceName, TraceSampling.ProbeVersion, false)]
    [InlineData("Shop", null, true)]
    [InlineData("Npgsql", null, false)]
    [InlineData("Microsoft.AspNetCore", null, false)]
    [InlineData("", null, false)]
    public void A_source_is_listened_to_by_what_it_says_of_itself(string name, string? version, bool listened)
    {
        using var source = new ActivitySource(name, version);
        Assert.Equal(listened, TraceSampling.ListensTo(source));
    }
}
