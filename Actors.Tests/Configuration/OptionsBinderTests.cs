using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class OptionsBinderTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<ConfigurationFault> _faults = [];

    public void Dispose() => _folder.Dispose();

    public enum Provider
    {
        Sqlite,
        [JsonStringEnumMemberName("postgresql")]
        PostgreSql,
        SomeOtherOne,
    }

    public sealed class RootOptions
    {
        public CacheOptions Cache { get; set; } = new();
        public StorageOptions Storage { get; } = new();
        public Dictionary<string, QueueOptions> Queues { get; } = new(StringComparer.Ordinal) { ["default"] = new() { MaxWaiting = 7 } };
        public AuthOptions? Auth { get; set; }
        public ListOptions Lists { get; set; } = new();
    }

    public sealed class CacheOptions : IValidatableObject
    {
        [Range(1, 10_000_000)]
        public long MaxEntries { get; set; } = 100_000;

        [ByteSize, Range(1024, 1L << 40)]
        public long MaxBytes { get; set; } = 1 << 20;

        [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
        public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(5);

        public TimeSpan? Stale { get; set; }
        public bool Enabled { get; set; } = true;
        public double Ratio { get; set; } = 0.5;
        public int? Shards { get; set; }
        public string ReadOnly => "computed";

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Stale > Duration) yield return new ValidationResult("stale must not be longer than duration.", [nameof(Stale)]);
        }
    }

    public sealed class StorageOptions
    {
        public Provider Provider { get; set; }

        [Secret, StringLength(20)]
        public string ConnectionString { get; set; } = "";

        [Required(AllowEmptyStrings = true)]
        public string Schema { get; set; } = "main";
    }

    public sealed class QueueOptions
    {
        [Range(1, 10_000_000)]
        public int MaxWaiting { get; set; } = 1_000_000;

        public int Concurrency { get; set; }
    }

    public sealed class AuthOptions
    {
        public IReadOnlyDictionary<string, string> Keys { get; set; } = ImmutableDictionary<string, string>.Empty;
        public Dictionary<string, List<int>> Groups { get; set; } = [];
    }

    public sealed class ListOptions
    {
        public string[] Hosts { get; set; } = ["localhost"];
        public List<int> Numbers { get; } = [1, 2];
        public ImmutableArray<Provider> Providers { get; set; } = [];
        public IReadOnlySet<string> Tags { get; set; } = new HashSet<string>();
        public IReadOnlyList<QueueOptions> Pools { get; set; } = [];
    }

    [Fact]
    public void What_is_not_set_keeps_its_default()
    {
        var options = Bind("actorperf {}");
        Assert.Equal((100_000, TimeSpan.FromMinutes(5), Provider.Sqlite), (options.Cache.MaxEntries, options.Cache.Duration, options.Storage.Provider));
        Assert.Equal(["localhost"], options.Lists.Hosts);
        Assert.Equal([1, 2], options.Lists.Numbers);
        Assert.Null(options.Auth);
        Assert.Empty(_faults);
    }

    [Fact]
    public void Values_of_every_kind_are_read()
    {
        var options = Bind("""
            actorperf {
              cache { max-entries = 5, max-bytes = 256 MiB, duration = 1m30s, stale = 10 s, enabled = off, ratio = 1e-1, shards = 3 }
              storage { provider = postgresql, connection-string = "Data Source=x" }
              queues { slow { max-waiting = 3 }, default { concurrency = 2 }, "a.b" {} }
              auth { keys { dash = "sha256:x" }, groups { g = [1, 2] } }
              lists { hosts = [a, b], numbers = [3], providers = [some-other-one, SQLite], tags = [], pools = [{ concurrency = 1 }, {}] }
            }
            """);
        Assert.Empty(_faults);
        Assert.Equal((5, 268_435_456, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(10)), (options.Cache.MaxEntries, options.Cache.MaxBytes, options.Cache.Duration, options.Cache.Stale));
        Assert.Equal((false, 0.1, 3), (options.Cache.Enabled, options.Cache.Ratio, options.Cache.Shards));
        Assert.Equal((Provider.PostgreSql, "Data Source=x"), (options.Storage.Provider, options.Storage.ConnectionString));
        Assert.Equal([("a.b", 1_000_000, 0), ("default", 7, 2), ("slow", 3, 0)], options.Queues.Select(queue => (queue.Key, queue.Value.MaxWaiting, queue.Value.Concurrency)).Order());
        Assert.Equal("sha256:x", options.Auth!.Keys["dash"]);
        Assert.Equal([1, 2], options.Auth.Groups["g"]);
        Assert.Equal(["a", "b"], options.Lists.Hosts);
        Assert.Equal([3], options.Lists.Numbers);
        Assert.Equal([Provider.SomeOtherOne, Provider.Sqlite], options.Lists.Providers.AsEnumerable());
        Assert.Empty(options.Lists.Tags);
        Assert.Equal([1, 0], options.Lists.Pools.Select(pool => pool.Concurrency));
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("yes", true)]
    [InlineData("true", true)]
    [InlineData("off", false)]
    [InlineData("no", false)]
    [InlineData("false", false)]
    public void Switches_have_three_spellings(string text, bool value) => Assert.Equal(value, Bind($"actorperf.cache.enabled = {text}").Cache.Enabled);

    [Fact]
    public void Null_is_as_if_it_were_not_there()
    {
        var options = Bind("actorperf { cache { max-entries = null, stale = null }, queues { x = null }, lists.hosts = null, auth = null, storage = null }");
        Assert.Empty(_faults);
        Assert.Equal((100_000, false, 1), (options.Cache.MaxEntries, options.Queues.ContainsKey("x"), options.Lists.Hosts.Length));
        Assert.Null(options.Auth);
    }

    [Theory]
    [InlineData("cache { max-entires = 5 }", "1:21: actorperf.cache.max-entires is not a setting. Did you mean 'max-entries'?")]
    [InlineData("cahce { }", "1:13: actorperf.cahce is not a setting. Did you mean 'cache'?")]
    [InlineData("cache { zzz = [] }", "1:21: actorperf.cache.zzz is not a setting. Known here: max-entries, max-bytes, duration, stale, enabled, ratio, shards.")]
    [InlineData("cache { read-only = x }", "1:21: actorperf.cache.read-only is not a setting.")]
    [InlineData("queues { \"a.b\" { max-wait = 1 } }", "1:30: actorperf.queues.\"a.b\".max-wait is not a setting. Did you mean 'max-waiting'?")]
    [InlineData("cache { max-entries = many }", "1:35: actorperf.cache.max-entries is 'many'; it must be a whole number from")]
    [InlineData("cache { max-entries = 1.5 }", "1:35: actorperf.cache.max-entries is '1.5'; it must be a whole number from")]
    [InlineData("cache { max-entries = 99999999999999999999 }", "is '99999999999999999999'; it must be a whole number from -9223372036854775808 to 9223372036854775807.")]
    [InlineData("cache { max-entries = 0 }", "1:35: actorperf.cache.max-entries is 0; it must be at least 1 and at most 10000000.")]
    [InlineData("cache { max-entries = 5000000000 }", "actorperf.cache.max-entries is 5000000000; it must be at least 1 and at most 10000000.")]
    [InlineData("cache { max-bytes = 10 }", "actorperf.cache.max-bytes is 10 B; it must be at least 1 KiB and at most 1 TiB.")]
    [InlineData("cache { max-bytes = 10 KB }", "actorperf.cache.max-bytes is '10 KB'; it must be a size, such as 64 KiB")]
    [InlineData("cache { duration = 10 }", "1:32: actorperf.cache.duration is '10'; it must be a duration with its unit")]
    [InlineData("cache { duration = 2h }", "1:32: actorperf.cache.duration is 2h; it must be at least 1s and at most 1h.")]
    [InlineData("cache { duration = 5s, stale = 6s }", "1:44: actorperf.cache.stale: stale must not be longer than duration.")]
    [InlineData("cache { enabled = maybe }", "is 'maybe'; it must be on or off")]
    [InlineData("cache { ratio = NaN }", "is 'NaN'; it must be a number.")]
    [InlineData("cache { duration = [5s] }", "1:32: actorperf.cache.duration is a list; it must be a duration")]
    [InlineData("cache { duration = [] }", "1:32: actorperf.cache.duration is a list; it must be a duration")]
    [InlineData("cache { duration { x = 1 } }", "actorperf.cache.duration is a group of settings; it must be a duration")]
    [InlineData("cache { duration {} }", "actorperf.cache.duration is a group of settings; it must be a duration")]
    [InlineData("cache = 5", "1:21: actorperf.cache is a single value; it must be a group of settings in braces.")]
    [InlineData("cache = [5]", "1:21: actorperf.cache is a list; it must be a group of settings in braces.")]
    [InlineData("queues = []", "1:22: actorperf.queues is a list; it must be a group of settings in braces.")]
    [InlineData("queues { a = 1 }", "1:26: actorperf.queues.a is a single value; it must be a group of settings in braces.")]
    [InlineData("storage { provider = sqlight }", "1:34: actorperf.storage.provider is 'sqlight'; it must be one of sqlite, postgresql, some-other-one. Did you mean 'sqlite'?")]
    [InlineData("storage { connection-string = \"a very long secret that nobody should see\" }", "actorperf.storage.connection-string is ***: The field")]
    [InlineData("lists { hosts = a }", "1:29: actorperf.lists.hosts is 'a'; it must be a list, such as [a, b].")]
    [InlineData("lists { hosts { a = 1 } }", "actorperf.lists.hosts is a group of settings; it must be a list, such as [a, b].")]
    [InlineData("lists { numbers = [1, x] }", "1:35: actorperf.lists.numbers.1 is 'x'; it must be a whole number")]
    [InlineData("lists { pools = [{ max-waiting = 0 }] }", "1:46: actorperf.lists.pools.0.max-waiting is 0; it must be at least 1")]
    public void Faults_name_setting_value_form_and_place(string settings, string fault)
    {
        Bind($"actorperf {{ {settings} }}");
        Assert.Contains(fault, Assert.Single(_faults).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("nobody should see", _faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_come_at_once_and_exit_with_78()
    {
        var root = Root("actorperf { cache { max-entries = 0, duratoin = 5m }\n storage.provider = x }");
        var fault = Assert.Throws<ConfigurationFaultException>(() => OptionsBinder.Bind<RootOptions>(root, "actorperf"));
        Assert.Equal(["actorperf.cache.duratoin", "actorperf.cache.max-entries", "actorperf.storage.provider"], fault.Faults.Select(one => one.Setting).Order(StringComparer.Ordinal));
        Assert.Equal(3, fault.Message.Split(Environment.NewLine).Length);
        Assert.Equal(78, ConfigurationFaultException.ExitCode);
    }

    [Fact]
    public void Faults_in_other_layers_name_the_variable_or_the_option()
    {
        var root = ConfigurationLayers.Build(
            _folder.Write("a.hocon", "actorperf.cache.max-entries = 5"), ["--cache:duration=x"], new Dictionary<string, string> { ["ACTORPERF__CACHE__MAX_ENTRIES"] = "y" }).Root;
        OptionsBinder.Bind<RootOptions>(root, "actorperf", _faults);
        Assert.Equal(
            ["command line --cache:duration: actorperf.cache.duration is 'x'", "environment variable ACTORPERF__CACHE__MAX_ENTRIES: actorperf.cache.max-entries is 'y'"],
            _faults.Select(fault => fault.ToString().Split(';')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_list_of_a_higher_layer_replaces_the_lower_one()
    {
        var file = _folder.Write("a.hocon", "actorperf.lists { hosts = [a, b, c], numbers = [1, 2], providers = [sqlite], pools = [{ concurrency = 5 }] }");
        var root = ConfigurationLayers.Build(file, ["--lists:numbers=7,8", "--lists:pools:0:max-waiting=1"], new Dictionary<string, string>
        {
            ["ACTORPERF__LISTS__HOSTS__0"] = "x",
            ["ACTORPERF__LISTS__HOSTS__1"] = "y",
            ["ACTORPERF__LISTS__PROVIDERS"] = "",
        }).Root;
        var lists = OptionsBinder.Bind<RootOptions>(root, "actorperf").Lists;
        Assert.Equal(["x", "y"], lists.Hosts);
        Assert.Equal([7, 8], lists.Numbers);
        Assert.Empty(lists.Providers);
        Assert.Equal((1, 0), (lists.Pools.Single().MaxWaiting, lists.Pools.Single().Concurrency));
    }

    [Fact]
    public void A_list_of_more_than_ten_keeps_its_order()
    {
        var numbers = Enumerable.Range(0, 25).ToList();
        Assert.Equal(numbers, Bind($"actorperf.lists.numbers = [{string.Join(',', numbers)}]").Lists.Numbers);
    }

    [Fact]
    public void Any_configuration_can_be_bound_without_places()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("x:actorperf:cache:max-entries", "0")]).Build().GetSection("x");
        OptionsBinder.Bind<RootOptions>(section, "actorperf", _faults);
        Assert.Equal("actorperf.cache.max-entries is 0; it must be at least 1 and at most 10000000.", Assert.Single(_faults).ToString());
    }

    [Fact]
    public void Nothing_that_a_file_holds_makes_binding_throw()
    {
        string[] names = ["cache", "storage", "queues", "auth", "lists", "max-entries", "hosts", "numbers", "pools", "keys", "groups", "provider", "x", "0"];
        string[] values = ["1", "\"\"", "null", "[]", "{}", "[1, x]", "[[1]]", "5s", "[{}]", "{ a = 1 }"];
        const int seed = 31;
        var random = new Random(seed);
        for (var i = 0; i < 1_000; i++)
        {
            string Name() => names[random.Next(names.Length)];
            var text = string.Join('\n', Enumerable.Range(0, 6).Select(_ => $"actorperf.{Name()}{(random.Next(3) > 0 ? "." + Name() : "")} = {values[random.Next(values.Length)]}"));
            var fault = Record.Exception(() => Bind(text));
            Assert.True(fault is null, $"seed {seed}, case {i}: {fault}\nfor\n{text}");
        }
    }

    [Fact]
    public void The_schema_lists_every_setting()
    {
        var settings = ConfigurationSchema.Describe(typeof(RootOptions), "actorperf").ToDictionary(setting => setting.Key);
        Assert.Equal(("100000", "1 to 10000000"), (settings["actorperf.cache.max-entries"].Default, settings["actorperf.cache.max-entries"].Bounds));
        Assert.Equal(("5m", "1s to 1h"), (settings["actorperf.cache.duration"].Default, settings["actorperf.cache.duration"].Bounds));
        Assert.Equal(("1 MiB", "1 KiB to 1 TiB"), (settings["actorperf.cache.max-bytes"].Default, settings["actorperf.cache.max-bytes"].Bounds));
        Assert.Equal("one of sqlite, postgresql, some-other-one", settings["actorperf.storage.provider"].Form);
        Assert.Equal("[localhost]", settings["actorperf.lists.hosts"].Default);
        Assert.Equal("on", settings["actorperf.cache.enabled"].Default);
        Assert.Contains("actorperf.queues.<name>.max-waiting", settings.Keys);
        Assert.Contains("actorperf.auth.keys.<name>", settings.Keys);
        Assert.Contains("actorperf.lists.pools[].concurrency", settings.Keys);
        Assert.Contains("| `actorperf.cache.duration` | a duration with its unit, such as 500ms, 30s, 5m, 1h30m or 7d | `5m` | 1s to 1h |  |", ConfigurationSchema.ToMarkdown(settings.Values), StringComparison.Ordinal);
    }

    private RootOptions Bind(string text)
    {
        _faults.Clear();
        return OptionsBinder.Bind<RootOptions>(Root(text), "actorperf", _faults);
    }

    private static IConfigurationRoot Root(string text) => Hocon.Configuration(text);
}
