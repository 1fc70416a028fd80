using ActorPerf.Node.Serving;
using ActorPerf.Web;
using ActorPerf.Web.Security;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Node;

/// <summary>A running node follows the keys that stand in its configuration, and those alone.</summary>
public sealed class KeyFollowerTests : IDisposable
{
    private readonly TestFolder _folder = new(inMemory: true);
    private readonly string _first = ApiKey.New();
    private readonly string _second = ApiKey.New();

    [Fact]
    public void A_key_that_is_taken_out_of_the_configuration_counts_no_more_and_one_that_is_put_in_does()
    {
        Write(Line("dash", _first));
        using var node = Start();
        Assert.NotNull(node.Keys.Find(_first));
        Write(Line("dash", _second));
        node.Follower.Look();
        Assert.Null(node.Keys.Find(_first));
        Assert.Equal("dash", node.Keys.Find(_second)?.Name);
        Write("");
        node.Follower.Look();
        Assert.NotNull(node.Keys.Find(_second));             // an empty file is one that is being written
        Write("# no keys\n");
        node.Follower.Look();
        Assert.Null(node.Keys.Find(_second));
        Assert.False(node.Keys.Open);
    }

    [Fact]
    public void A_key_in_an_included_file_is_followed_too_also_where_the_file_comes_later()
    {
        Write("include \"keys.hocon\"\n");
        using var node = Start();
        Assert.True(node.Keys.Open);
        File.WriteAllText(_folder.Path("keys.hocon"), Line("dash", _first));
        node.Follower.Look();
        Assert.False(node.Keys.Open);
        Assert.NotNull(node.Keys.Find(_first));
        File.WriteAllText(_folder.Path("keys.hocon"), "# none\n");
        node.Follower.Look();
        Assert.Null(node.Keys.Find(_first));
    }

    [Theory]
    [InlineData("actorperf {")]
    [InlineData("actorperf.http.auth.keys.dash { hash = \"sha256:12\" }")]
    [InlineData("actorperf.http.auth.keys.dash { hsh = 1 }")]
    public void What_cannot_be_read_changes_no_key(string broken)
    {
        Write(Line("dash", _first));
        using var node = Start();
        node.Follower.Look();
        Write(broken);
        node.Follower.Look();
        Assert.NotNull(node.Keys.Find(_first));
        Write(Line("dash", _second));
        node.Follower.Look();
        Assert.Null(node.Keys.Find(_first));
    }

    [Fact]
    public void A_fault_elsewhere_in_the_configuration_keeps_no_key_from_being_taken_out()
    {
        Write(Line("dash", _first));
        using var node = Start();
        Write("actorperf.cache.no-such-setting = 1\n" + Line("dash", _second));
        node.Follower.Look();
        Assert.Null(node.Keys.Find(_first));
        Assert.NotNull(node.Keys.Find(_second));
    }

    private static string Line(string name, string key) => $"actorperf.http.auth.keys.{name} {{ hash = \"{ApiKey.Hash(key)}\" }}\n";

    private void Write(string text) => File.WriteAllText(_folder.Path("akka.hocon"), text);

    private Followed Start()
    {
        string[] arguments = ["--config", _folder.Path("akka.hocon")];
        var settings = NodeSettings.Read(arguments);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddActorPerfWeb(settings.Http);
        services.AddKeyFollower(settings, arguments);
        return new Followed(services.BuildServiceProvider());
    }

    public void Dispose() => _folder.Dispose();

    private sealed record Followed(ServiceProvider Services) : IDisposable
    {
        public KeyRing Keys { get; } = Services.GetRequiredService<KeyRing>();

        public KeyFollower Follower { get; } = Services.GetRequiredService<KeyFollower>();

        public void Dispose() => Services.Dispose();
    }
}
