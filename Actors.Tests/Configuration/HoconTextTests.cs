using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconTextTests
{
    [Theory]
    [InlineData("akka { actor.deployment { /compute/a.b { router = x, nr-of-instances = 2 } }, loglevel = INFO }")]
    [InlineData("akka.cluster.seed-nodes = [a, b, c, d, e, f, g, h, i, j, k, l]")]
    [InlineData("akka { a = \"\"\"two\nlines \"quoted\" \\ and ${no} substitution\"\"\", \"with.dot\" = 1 }")]
    public void What_is_written_reads_back_as_it_was(string text)
    {
        var written = HoconText.Of(Hocon.Configuration(text), ["akka"]);
        Assert.Equal(Hocon.Line(text), Hocon.Line(written));
    }

    [Fact]
    public void Only_the_sections_named_are_written() =>
        Assert.Equal("akka:a=1", Hocon.Line(HoconText.Of(Hocon.Configuration("akka.a = 1, actorperf.storage.connection-string = secret"), ["akka", "petabridge"])));
}
