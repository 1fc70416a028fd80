using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

public sealed class StartedAsTests
{
    [Theory]
    [InlineData("/src/perf/Node/bin/Debug/net10.0/actorperf", "", "/src/perf", "dotnet run --project Node --")]
    [InlineData("/src/perf/Node/bin/Debug/net10.0/actorperf", "", "/elsewhere", "dotnet run --project /src/perf/Node --")]
    [InlineData("/usr/share/dotnet/dotnet", "/app/actorperf.dll", "/app", "dotnet actorperf.dll")]
    [InlineData("/usr/share/dotnet/dotnet", "/app/actorperf.dll", "/elsewhere", "dotnet /app/actorperf.dll")]
    [InlineData("/home/me/.dotnet/tools/actorperf", "", "/src", "actorperf")]
    [InlineData("/opt/my perf/actorperf", "", "/src", "\"/opt/my perf/actorperf\"")]
    [InlineData("/opt/perf/actorperf", "", "/opt/perf", "./actorperf")]
    public void Hints_repeat_what_was_typed(string program, string assembly, string folder, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "run on Linux or macOS: the paths are theirs");
        Assert.Equal(expected, StartedAs.Describe(program, assembly, folder, ["/usr/bin", "/home/me/.dotnet/tools"], project => project == "/src/perf/Node"));
    }
}
