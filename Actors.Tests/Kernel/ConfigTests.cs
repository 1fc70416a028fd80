namespace ActorPerf.Tests.Kernel;

public sealed class ConfigTests
{
    private static readonly Config Sample = Config.FromPairs(
    [
        new("a.text", "x"), new("a.number", "5"), new("a.flag", "on"), new("a.time", "1500 ms"), new("a.long", "2m"), new("a.never", "infinite"),
        new("a.ratio", "0.5"), new("deployment./x/y.router", "pool"),
    ]);

    [Fact]
    public void Settings_are_read_by_path_and_type()
    {
        Assert.Equal("x", Sample.GetString("a.text"));
        Assert.Equal(5, Sample.GetInt("a.number"));
        Assert.Equal(5L, Sample.GetLong("a.number"));
        Assert.Equal(0.5, Sample.GetDouble("a.ratio"));
        Assert.True(Sample.GetBoolean("a.flag"));
        Assert.Equal(TimeSpan.FromSeconds(1.5), Sample.GetTimeSpan("a.time"));
        Assert.Equal(TimeSpan.FromMinutes(2), Sample.GetTimeSpan("a.long"));
        Assert.Equal(Timeout.InfiniteTimeSpan, Sample.GetTimeSpan("a.never"));
    }

    [Fact]
    public void Lists_are_read_item_by_item_and_replaced_whole()
    {
        var lists = ConfigurationFactory.ParseString("""
            a { texts = ["x y", z], numbers = [1, 2, 3], ratios = [0.5, 2], flags = [on, false], none = [] }
            """);
        Assert.Equal(["x y", "z"], lists.GetStringList("a.texts"));
        Assert.Equal([1, 2, 3], lists.GetIntList("a.numbers"));
        Assert.Equal([1L, 2, 3], lists.GetLongList("a.numbers"));
        Assert.Equal([0.5, 2], lists.GetDoubleList("a.ratios"));
        Assert.Equal([true, false], lists.GetBooleanList("a.flags"));
        Assert.Empty(lists.GetStringList("a.none"));
        Assert.Empty(lists.GetStringList("nowhere"));
        Assert.Equal([9], ConfigurationFactory.ParseString("a.numbers = [9]").WithFallback(lists).GetIntList("a.numbers"));
        Assert.Contains("a.texts", Assert.Throws<ConfigurationException>(() => lists.GetIntList("a.texts")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hocon_is_parsed_with_its_quoted_paths_and_substitutions()
    {
        var config = ConfigurationFactory.ParseString("""
            base { size = 4 }
            akka.actor.deployment { /pool { router = round-robin-pool, nr-of-instances = ${base.size} } }
            """);
        Assert.Equal("round-robin-pool", config.GetString("akka.actor.deployment./pool.router"));
        Assert.Equal(4, config.GetInt("akka.actor.deployment./pool.nr-of-instances"));
        Assert.Throws<ActorPerf.Configuration.HoconException>(() => ConfigurationFactory.ParseString("a = ["));
    }

    [Fact]
    public void What_is_absent_is_the_default()
    {
        Assert.Null(Sample.GetString("a.none"));
        Assert.Equal(7, Sample.GetInt("none", 7));
        Assert.Equal(TimeSpan.FromSeconds(1), Sample.GetTimeSpan("none", TimeSpan.FromSeconds(1)));
        Assert.False(Sample.HasPath("a.none"));
        Assert.True(Sample.GetConfig("none").IsEmpty);
    }

    [Fact]
    public void A_section_is_a_configuration_of_its_own()
    {
        Assert.True(Sample.HasPath("a"));
        Assert.False(Sample.HasPath("dep"));
        Assert.Equal("x", Sample.GetConfig("a").GetString("text"));
        Assert.Equal("pool", Sample.GetConfig("deployment").GetString("/x/y.router"));
    }

    [Fact]
    public void What_cannot_be_read_names_path_value_and_what_was_expected()
    {
        var error = Assert.Throws<ConfigurationException>(() => Sample.GetInt("a.text"));
        Assert.Equal("a.text is 'x', which is not a whole number.", error.Message);
        Assert.Throws<ConfigurationException>(() => Sample.GetTimeSpan("a.text"));
        Assert.Throws<ConfigurationException>(() => Sample.GetBoolean("a.number"));
    }

    [Fact]
    public void A_fallback_fills_the_gaps()
    {
        var merged = Sample.WithFallback(Config.FromPairs([new("a.text", "y"), new("b", "z")]));
        Assert.Equal("x", merged.GetString("a.text"));
        Assert.Equal("z", merged.GetString("b"));
    }
}
