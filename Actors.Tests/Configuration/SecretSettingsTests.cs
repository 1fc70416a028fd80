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
}
