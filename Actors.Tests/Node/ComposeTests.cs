using System.CommandLine;
using System.Text.RegularExpressions;
using ActorPerf.Configuration;
using ActorPerf.Node;
using ActorPerf.Node.Commands;
using ActorPerf.Node.Serving;
using ActorPerf.Setup;
using ActorPerf.Tests.Architecture;
using ActorPerf.Web;

namespace ActorPerf.Tests.Node;

/// <summary>What the files of docker/ say of each other and of the product.</summary>
public sealed partial class ComposeTests
{
    private const string Nodes = "compose.postgresql.yaml";

    public static TheoryData<string> Files => ["compose.yaml", Nodes];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_port_is_published_on_loopback_alone_and_leads_to_where_a_node_listens(string file)
    {
        var published = new List<string>();
        foreach (var (name, service) in Services(file))
        {
            var ports = service.TryGetValue("ports", out var said) ? (List<string>)said : [];
            if (!IsNode(service))
            {
                Assert.Equal("db", name);
                Assert.Empty(ports);
                continue;
            }
            var parts = Assert.Single(ports).Split(':');
            Assert.Equal(["127.0.0.1", parts[1], "8080"], parts);
            Assert.Equal(8080, new Uri(Settings(service).Http.Url).Port);
            published.Add(parts[1]);
        }
        Assert.NotEmpty(published);
        Assert.Equal(published.Distinct(), published);
        Assert.Contains("\nEXPOSE 8080\n", Read("Dockerfile"), StringComparison.Ordinal);
    }

    /// <summary>Variables are shown by <c>docker inspect</c> and inherited by every program that a task starts.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void No_password_stands_in_a_variable(string file)
    {
        foreach (var (_, service) in Services(file))
            foreach (var (name, value) in Environment(service))
            {
                Assert.DoesNotContain("password=", value, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("${", value, StringComparison.Ordinal);
                if (name.Contains("PASSWORD", StringComparison.Ordinal)) Assert.EndsWith("_FILE", name, StringComparison.Ordinal);
            }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_secret_that_is_read_is_given_and_told_how_to_make(string file)
    {
        var whole = ComposeFile.Read(Path.Combine(SourceTree.Root, "docker", file));
        var files = whole.TryGetValue("secrets", out var secrets) ? (Dictionary<string, object>)secrets : [];
        Assert.All(files, secret => Assert.Equal($"./secrets/{secret.Key}", ((Dictionary<string, object>)secret.Value)["file"]));
        foreach (var (_, service) in Services(file))
        {
            var read = Secret().Matches(string.Join('\n', Environment(service).Values)).Select(match => match.Groups[1].Value);
            var given = service.TryGetValue("secrets", out var said) ? (List<string>)said : [];
            Assert.Equal(given, read);
            Assert.All(given, name => Assert.Contains(name, files));
            Assert.All(given, name => Assert.Contains($"docker/secrets/{name}", Read("README.md"), StringComparison.Ordinal));
        }
    }

    /// <summary>A file that is mounted by itself stays the old one when an editor puts a new one in its place: a key that was taken out would go on to count.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Keys_are_read_in_a_folder_that_is_mounted_as_a_whole(string file)
    {
        foreach (var (_, service) in Services(file).Where(service => IsNode(service.Value)))
        {
            Assert.Equal("/etc/actorperf/keys/actorperf-keys", Settings(service).Http.Auth.KeysFile);
            Assert.Contains("./keys:/etc/actorperf/keys:ro", (List<string>)service["volumes"]);
        }
        Assert.Contains("docker/keys/actorperf-keys", Read("README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("secrets")]
    public void What_is_nobody_elses_stays_out_of_the_repository_and_the_image(string folder)
    {
        Assert.Equal("*\n!.gitignore\n", Read(folder, ".gitignore"));
        Assert.Contains($"docker/{folder}\n", Read("Dockerfile.dockerignore"), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_the_nodes_is_named_after_its_container_and_stands_there_in_its_row()
    {
        var nodes = Services(Nodes).Where(service => IsNode(service.Value)).ToArray();
        Assert.Equal(3, nodes.Length);
        Assert.All(nodes, node =>
        {
            var settings = Settings(node.Value);
            Assert.Equal(StorageProvider.Postgresql, settings.Options.Storage.Provider);
            Assert.Contains("Host=db;", settings.Options.Storage.ConnectionString, StringComparison.Ordinal);
            Assert.Equal(node.Key, settings.Options.Node.Name);
            Assert.Equal($"http://{node.Key}:8080", settings.Http.Url);
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_container_is_killed_only_when_a_stop_has_had_all_its_time(string file)
    {
        foreach (var (_, service) in Services(file).Where(service => IsNode(service.Value)))
        {
            var grace = (string)service["stop_grace_period"];
            Assert.EndsWith("s", grace, StringComparison.Ordinal);
            Assert.True(TimeSpan.FromSeconds(int.Parse(grace[..^1], System.Globalization.CultureInfo.InvariantCulture)) > Settings(service).Options.Jobs.DrainTimeout + Server.AfterDrain, $"{file}: {grace}");
        }
    }

    /// <summary>The root of a container is read-only: what a node writes of its own accord goes to the volume.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void What_a_node_writes_lies_in_its_volume(string file)
    {
        foreach (var (_, service) in Services(file).Where(service => IsNode(service.Value)))
        {
            Assert.Equal("true", service["read_only"]);
            Assert.Single((List<string>)service["volumes"], volume => volume.EndsWith(":/data", StringComparison.Ordinal));
            var settings = Settings(service);
            Assert.StartsWith("/data/", settings.Options.Load.Directory, StringComparison.Ordinal);
            if (settings.Options.Storage.Provider == StorageProvider.Sqlite) Assert.StartsWith("Data Source=/data/", settings.Options.Storage.ConnectionString, StringComparison.Ordinal);
        }
    }

    /// <summary>Else children of children stay as zombies until the container ends.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void A_node_is_not_the_first_process_of_its_container(string file) =>
        Assert.All(Services(file).Values.Where(IsNode), service => Assert.Equal("true", service["init"]));

    [Fact]
    public void What_the_image_and_its_page_call_are_commands()
    {
        var called = Call().Matches(Read("Dockerfile") + Read("README.md")).Select(match => match.Groups.Cast<Group>().Skip(1).First(group => group.Success).Value.Replace("\", \"", " ", StringComparison.Ordinal)).ToArray();
        Assert.Contains("health", called);
        Assert.Contains("serve", called);
        Assert.Contains("cluster show", called);
        using var output = new StringWriter();
        var root = Root.Create(new GlobalOptions(new Shell(output, output), []));
        Assert.All(called, call =>
        {
            Command found = root;
            foreach (var word in call.Split(' ').TakeWhile(word => word is not ['-', ..]))
            {
                if (found.Subcommands.Count == 0) break;
                var next = found.Subcommands.FirstOrDefault(command => command.Name == word);
                Assert.True(next is not null, $"'{call}' is no command");
                found = next;
            }
            Assert.Empty(found.Subcommands);
        });
    }

    private static bool IsNode(Dictionary<string, object> service) => (string)service["image"] == "actorperf";

    private static NodeSettings Settings(Dictionary<string, object> service)
    {
        var root = ConfigurationLayers.Build(Path.Combine(SourceTree.Root, "docker", "actorperf.hocon"), [], Environment(service)).Root;
        var faults = new List<ConfigurationFault>();
        var settings = new NodeSettings(root, ActorPerfSettings.Read(root, faults), OptionsBinder.Bind<HttpOptions>(root, "actorperf:http", faults), []);
        Assert.Empty(faults);
        return settings;
    }

    private static Dictionary<string, string> Environment(Dictionary<string, object> service) =>
        service.TryGetValue("environment", out var said) ? ((Dictionary<string, object>)said).ToDictionary(one => one.Key, one => (string)one.Value) : [];

    private static Dictionary<string, Dictionary<string, object>> Services(string file) =>
        ((Dictionary<string, object>)ComposeFile.Read(Path.Combine(SourceTree.Root, "docker", file))["services"]).ToDictionary(service => service.Key, service => (Dictionary<string, object>)service.Value);

    private static string Read(params string[] file) => SourceTree.Read(["docker", .. file]);

    [GeneratedRegex("/run/secrets/([a-z-]+)")]
    private static partial Regex Secret();

    [GeneratedRegex("""CMD \["/app/actorperf", "([^\]]+)"\]|CMD \["(serve)"\]|/app/actorperf ([a-z -]+[a-z])|run --rm actorperf ([a-z]+ [a-z]+)|--project Node -- ([a-z]+ [a-z]+)""")]
    private static partial Regex Call();
}
