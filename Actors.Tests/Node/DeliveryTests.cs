using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Node;

/// <summary>What cannot be run in a test is at least held against the repository.</summary>
public sealed partial class DeliveryTests
{
    private static readonly string Root = FindRoot();

    [Fact]
    public void The_image_is_built_of_files_that_exist()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Root, "docker", "Dockerfile"));
        var copied = Copy().Matches(dockerfile).SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..^1]).ToArray();
        Assert.Contains("Node/Node.csproj", copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Root, path)), $"{path} is copied into the image and does not exist"));
        foreach (var project in new[] { "Actors/Actors.csproj", "Web/Web.csproj", "Node/Node.csproj" })
            foreach (Match reference in ProjectReference().Matches(File.ReadAllText(Path.Combine(Root, project))))
                Assert.Contains(reference.Groups[1].Value, copied);
    }

    [Fact]
    public void The_image_runs_without_rights_and_asks_its_own_health()
    {
        var dockerfile = File.ReadAllText(Path.Combine(Root, "docker", "Dockerfile"));
        Assert.Contains("USER $APP_UID", dockerfile, StringComparison.Ordinal);
        Assert.Contains("""CMD ["/app/actorperf", "health"]""", dockerfile, StringComparison.Ordinal);
        Assert.DoesNotContain("curl", dockerfile, StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_of_the_image_can_be_read()
    {
        var settings = ActorPerf.Configuration.ConfigurationLayers.Build(
            Path.Combine(Root, "docker", "actorperf.hocon"), [], new Dictionary<string, string> { ["ACTORPERF_HOST"] = "perf.example.com" }).Root;
        Assert.Equal("http://0.0.0.0:8080", settings["actorperf:http:url"]);
        Assert.Equal("perf.example.com", settings["actorperf:http:hosts:2"]);
        var without = ActorPerf.Configuration.ConfigurationLayers.Build(Path.Combine(Root, "docker", "actorperf.hocon"), [], new Dictionary<string, string>()).Root;
        Assert.Equal("127.0.0.1", without["actorperf:http:hosts:1"]);
        Assert.Null(without["actorperf:http:hosts:2"]);
        Assert.Equal("Data Source=/data/actorperf.db", settings["actorperf:storage:connection-string"]);
    }

    [Theory]
    [InlineData("7,6,6;3,2,1", "", "7 passed, 1 failed, 2 skipped", 1)]
    [InlineData("7,6,6;3,3,3", "", "9 passed, 0 failed, 1 skipped", 0)]
    [InlineData("7,6,6", "true", "6 passed, 0 failed, 1 skipped", 1)]
    [InlineData("3,3,3", "true", "3 passed, 0 failed, 0 skipped", 0)]
    [InlineData("", "", "0 passed, 0 failed, 0 skipped", 1)]
    public async Task Results_of_several_files_are_added_up_in_one_line(string counters, string skipsFail, string line, int exit)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "install bash: apt-get install -y bash");
        using var folder = new TestFolder();
        foreach (var (counter, at) in counters.Split(';', StringSplitOptions.RemoveEmptyEntries).Select((text, at) => (text.Split(','), at)))
            await File.WriteAllTextAsync(
                folder.Path($"{at}.trx"), $"""<R><ResultSummary><Counters total="{counter[0]}" executed="{counter[1]}" passed="{counter[2]}" failed="0" notExecuted="0" /></ResultSummary></R>""");
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(Root, ".ci", "count"), folder.Root]) { RedirectStandardOutput = true };
        start.Environment["SKIPS_FAIL"] = skipsFail;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        Assert.Equal(line, (await process.StandardOutput.ReadToEndAsync()).TrimEnd('\n'));
        await process.WaitForExitAsync();
        Assert.Equal(exit, process.ExitCode);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ActorPerf.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds ActorPerf.sln.");
        return folder;
    }

    [GeneratedRegex(@"^COPY (?!--from)(.+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex("ProjectReference Include=\"\\.\\./([^\"]+)\"")]
    private static partial Regex ProjectReference();
}
