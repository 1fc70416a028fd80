using System.Runtime.Versioning;
using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class SecretSettingsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public sealed class Options
    {
        [Secret]
        public string Password { get; set; } = "";

        public string Name { get; set; } = "";

        public Dictionary<string, Options> Inner { get; set; } = [];

        [Secret]
        public List<string> Tokens { get; set; } = [];

        [Secret]
        public string ConnectionString { get; set; } = "";
    }

    [Theory]
    [InlineData("x:password", true)]
    [InlineData("x:inner:a:Password", true)]
    [InlineData("x:tokens:0", true)]
    [InlineData("x:tokens", true)]
    [InlineData("x:name", false)]
    [InlineData("x:inner:password", false)]
    [InlineData("y:password", false)]
    public void Secrets_are_known_by_their_key(string key, bool secret) => Assert.Equal(secret, SecretSettings.IsSecret(typeof(Options), "x", key));

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void A_secret_in_a_file_for_everybody_is_warned_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Run it on Linux or macOS: Windows has no file modes.");
        var file = _folder.Write("a.hocon", "x { password = hush, name = n, inner.a.password = hush }");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var root = ConfigurationLayers.Build(file, [], new Dictionary<string, string>()).Root;
        var warnings = SecretSettings.ReadableByOthers(root, typeof(Options), "x");
        Assert.Equal(["x.inner.a.password", "x.password"], warnings.Select(warning => warning.Setting).Order(StringComparer.Ordinal));
        Assert.All(warnings, warning => Assert.DoesNotContain("hush", warning.ToString(), StringComparison.Ordinal));

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Empty(SecretSettings.ReadableByOthers(root, typeof(Options), "x"));
    }

    [Theory]
    [InlineData("Data Source=data/node.db", false)]
    [InlineData("Host=db;Username=u;Passfile=/run/secrets/pg", false)]
    [InlineData("Host=db;Username=u;Password=hush", true)]
    [InlineData("Server=db;User=u;PWD=hush", true)]
    [InlineData("postgres://u:hush@db", true)]
    [UnsupportedOSPlatform("windows")]
    public void A_connection_string_is_warned_of_when_it_opens_the_database(string value, bool warned)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Run it on Linux or macOS: Windows has no file modes.");
        var file = _folder.Write("a.hocon", $"x.connection-string = \"{value}\"");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var root = ConfigurationLayers.Build(file, [], new Dictionary<string, string>()).Root;
        Assert.Equal(warned, SecretSettings.ReadableByOthers(root, typeof(Options), "x").Count > 0);
    }
}
