using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class SettingNameTests
{
    [Theory]
    [InlineData("Url", "url")]
    [InlineData("MaxEntries", "max-entries")]
    [InlineData("NrOfInstances", "nr-of-instances")]
    [InlineData("HTTPPort", "http-port")]
    [InlineData("KeepTLS", "keep-tls")]
    [InlineData("Phase2Timeout", "phase2-timeout")]
    public void Names_become_kebab_case(string name, string kebab) => Assert.Equal(kebab, SettingName.Kebab(name));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("max-entires", "max-entries", 2)]
    public void Distance_counts_edits(string from, string to, int distance)
    {
        Assert.Equal(distance, SettingName.Distance(from, to));
        Assert.Equal(distance, SettingName.Distance(to, from));
    }

    [Fact]
    public void Nearest_ignores_case_and_gives_up_far_away()
    {
        Assert.Equal("max-entries", SettingName.Nearest("maxEntries", ["duration", "max-entries", "max-bytes"]));
        Assert.Null(SettingName.Nearest("zzzzzz", ["duration", "max-entries"]));
        Assert.Null(SettingName.Nearest("x", []));
        Assert.Null(SettingName.Nearest(new string('x', 1_000_000), ["duration"]));
    }
}
