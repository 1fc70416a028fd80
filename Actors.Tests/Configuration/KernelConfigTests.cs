using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class KernelConfigTests
{
    private const string Example = """
        actorperf {
          node { name = "node-1", roles = [web, compute] }
          http { url = "http://127.0.0.1:8080", hosts = [], cors-origins = [], path-base = "",
                 auth { keys { dash { hash = "sha256:…", scopes = [read, submit], namespaces = [default] } } } }
          storage { provider = sqlite, connection-string = "Data Source=data/actorperf.db" }   # sqlite | postgresql | sqlserver
          cluster { lease = 30s, poll = 1s }
          cache { max-entries = 100000, max-bytes = 256 MiB, duration = 5m }
          jobs { max-attempts = 5, retention { succeeded = 7d, failed = 30d, history = 30d } }
          queues { default { max-waiting = 1000000, concurrency = 0 }, slow { } }      # concurrency: cluster-wide, 0 = no limit
          tasks { report { command = ["python3", "report.py"], memoize = 5m, timeout = 10m, queue = slow } }
          data { batch-size = 512, lookups { }, queries { } }
          fetch { allow = [] }
          webhooks { allow = [] }
        }
        akka.actor.deployment {                         # a queue's pool; without an entry, 4 routees
          /compute/default { router = smallest-mailbox-pool, nr-of-instances = 16 }
          /compute/io      { router = smallest-mailbox-pool, nr-of-instances = 1024 }
          /compute/cpu     { router = smallest-mailbox-pool, nr-of-instances = 2 }      # the shipped file names the number of processors
          /compute/slow    { router = round-robin-pool, nr-of-instances = 2 }
        }
        """;

    private readonly List<ConfigurationFault> _faults = [];

    [Fact]
    public void The_documented_file_is_read_as_it_stands()
    {
        var flat = Hocon.Flat(Example);
        Assert.Equal("compute", flat["actorperf:node:roles:1"]);
        Assert.Equal("", flat["actorperf:http:cors-origins"]);
        Assert.Equal("sha256:…", flat["actorperf:http:auth:keys:dash:hash"]);
        Assert.Equal("256 MiB", flat["actorperf:cache:max-bytes"]);
        Assert.True(flat.ContainsKey("actorperf:queues:slow"));
        Assert.Null(flat["actorperf:queues:slow"]);
        Assert.Equal("report.py", flat["actorperf:tasks:report:command:1"]);
        Assert.Equal("smallest-mailbox-pool", flat["akka:actor:deployment:/compute/default:router"]);
    }

    [Fact]
    public void The_kernel_sees_dotted_paths()
    {
        var settings = KernelConfig.Flatten(Hocon.Configuration(Example));
        Assert.Equal("16", settings["akka.actor.deployment./compute/default.nr-of-instances"]);
        Assert.Equal("round-robin-pool", settings["akka.actor.deployment./compute/slow.router"]);
        Assert.Equal(8, settings.Count);
    }

    [Fact]
    public void Pools_are_read_by_path()
    {
        var pools = KernelConfig.Deployments(Hocon.Configuration(Example + "\nakka.actor.deployment { \"/compute/a.b\" {}, other { anything = 1 } }"), _faults);
        Assert.Empty(_faults);
        Assert.Equal(["/compute/a.b", "/compute/cpu", "/compute/default", "/compute/io", "/compute/slow"], pools.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("smallest-mailbox-pool", 4), (pools["/compute/a.b"].Router, pools["/compute/a.b"].NrOfInstances));
        Assert.Equal(1024, pools["/compute/io"].NrOfInstances);
    }

    [Theory]
    [InlineData("nr-of-instance = 4", "akka.actor.deployment./compute/x.nr-of-instance is not a setting. Did you mean 'nr-of-instances'?")]
    [InlineData("router = round-robin-pol", "is round-robin-pol; it must be one of smallest-mailbox-pool, round-robin-pool, consistent-hashing-pool. Did you mean 'round-robin-pool'?")]
    [InlineData("nr-of-instances = 0", "is 0; it must be at least 1 and at most 100000.")]
    public void Unknown_and_unfit_settings_of_a_pool_are_faults(string setting, string problem)
    {
        KernelConfig.Deployments(Hocon.Configuration($"akka.actor.deployment {{ /compute/x {{ {setting} }} }}"), _faults);
        Assert.Contains(problem, Assert.Single(_faults).Problem, StringComparison.Ordinal);
        Assert.Equal(1, _faults[0].Origin!.Value.Line);
    }

    [Fact]
    public void Settings_without_effect_are_named()
    {
        var root = Hocon.Configuration("""
            akka {
              loglevel = INFO
              actor { provider = cluster, default-dispatcher { throughput = 100, type = x }, deployment { /compute/x { router = round-robin-pool }, y { router = z } } }
              cluster { seed-nodes = ["akka.tcp://a@b:1", "akka.tcp://a@c:1"], roles = [], min-nr-of-members = 3 }
              coordinated-shutdown { phases { service-unbind { timeout = 5s } } }
            }
            petabridge.cmd { host = "0.0.0.0" }
            actorperf.x = 1
            """);
        Assert.Equal(
            ["akka.actor.default-dispatcher.type", "akka.actor.deployment.y.router", "akka.actor.provider", "akka.cluster.min-nr-of-members", "akka.cluster.roles", "akka.cluster.seed-nodes", "petabridge.cmd.host"],
            KernelConfig.InertKeys(root, KernelConfig.Effective));
        Assert.Empty(KernelConfig.InertKeys(Hocon.Configuration("akka.loglevel = INFO"), KernelConfig.Effective));
    }
}
