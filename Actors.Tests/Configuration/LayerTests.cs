using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class LayerTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<ConfigurationFault> _faults = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Variables_become_settings()
    {
        var table = EnvironmentLayer.Read(
            Variables(("ACTORPERF__HTTP__URL", "http://x"), ("ACTORPERF__HTTP__CORS_ORIGINS__0", "a"), ("ACTORPERF_URL", "no"), ("PATH", "no"), ("ACTORPERF__NODE__NAME", "")), _faults);
        Assert.Equal(
            [("actorperf:http:cors-origins:0", "a"), ("actorperf:http:url", "http://x"), ("actorperf:node:name", "")],
            table.Values.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal("environment variable ACTORPERF__HTTP__URL", table.Origins["actorperf:http:url"].Value.ToString());
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("ACTORPERF____URL", "has an empty level")]
    [InlineData("ACTORPERF__HTTP__", "has an empty level")]
    [InlineData("ACTORPERF__http__url", "environment variable ACTORPERF__HTTP__URL sets actorperf.http.url too")]
    public void Malformed_and_doubled_variables_are_faults(string name, string problem)
    {
        EnvironmentLayer.Read(Variables(("ACTORPERF__HTTP__URL", "x"), (name, "y")), _faults);
        Assert.Contains(problem, Assert.Single(_faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_with_colons_become_settings_and_the_rest_is_left()
    {
        var split = CommandLineLayer.Read(
            ["serve", "--http:url", "http://127.0.0.1:9000", "--watch", "2s", "--storage:connection-string=Data Source=/x;Mode=a", "--akka:loglevel", "debug",
             "--akka:actor:deployment:/compute/default:nr-of-instances=8", "--actorperf:node:name", "-n", "--node", "http://a:1", "--http:url=z", "--", "--a:b", "c"], _faults);
        Assert.Equal(["serve", "--watch", "2s", "--node", "http://a:1", "--", "--a:b", "c"], split.Rest);
        Assert.Equal(
            [("actorperf:http:url", "z"), ("actorperf:node:name", "-n"), ("actorperf:storage:connection-string", "Data Source=/x;Mode=a"),
             ("akka:actor:deployment:/compute/default:nr-of-instances", "8"), ("akka:loglevel", "debug")],
            split.Settings.Values.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Empty(_faults);
    }

    [Theory]
    [InlineData("'--http:url' has no value; write --http:url VALUE", "--http:url")]
    [InlineData("'--http:url' has no value", "--http:url", "--node:name=x")]
    [InlineData("'--http:' has an empty level", "--http:", "x")]
    [InlineData("'--:url' has an empty level", "--:url=x")]
    public void Options_without_value_or_name_are_faults(string problem, params string[] arguments)
    {
        CommandLineLayer.Read(arguments, _faults);
        Assert.Contains(problem, Assert.Single(_faults).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        var file = _folder.Write("n.hocon", "actorperf { a { x = file, y = file, z = file, home = ${HOME} } }");
        var layers = ConfigurationLayers.Build(
            file, ["serve", "--a:z=line"], new Dictionary<string, string> { ["ACTORPERF__A__Y"] = "env", ["ACTORPERF__A__Z"] = "env", ["HOME"] = "/h" });
        Assert.Equal(("file", "env", "line", "/h"), (layers.Root["actorperf:a:x"], layers.Root["actorperf:a:y"], layers.Root["actorperf:a:z"], layers.Root["actorperf:a:home"]));
        Assert.Equal(["serve"], layers.Rest);
        string At(string key) => layers.Root.TryGetOrigin(key, out var origin) ? origin.Value.ToString() : "";
        Assert.Equal($"{file}:1:21", At("actorperf:a:x"));
        Assert.Equal("command line --a:z", At("actorperf:a:z"));
        Assert.Equal($"{file}:1:15", At("actorperf:a"));
        Assert.Equal("", At("actorperf:b"));
    }

    [Fact]
    public void A_setting_that_is_changed_from_outside_is_seen()
    {
        var root = Hocon.Configuration("a { b = 1, c.d = 2 }");
        Assert.Equal(["b", "c"], root.GetSection("a").GetChildren().Select(child => child.Key));
        root["a:x"] = "3";
        Assert.Equal(["b", "c", "x"], root.GetSection("a").GetChildren().Select(child => child.Key));
        Assert.Equal(["b", "c", "x"], root.GetSection("A").GetChildren().Select(child => child.Key));
    }

    [Fact]
    public void A_named_file_that_is_missing_never_means_defaults() =>
        Assert.Throws<HoconException>(() => ConfigurationLayers.Build(_folder.At("none.hocon"), [], new Dictionary<string, string>()));

    private static IEnumerable<KeyValuePair<string, string>> Variables(params (string Name, string Value)[] variables) =>
        variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value));
}
