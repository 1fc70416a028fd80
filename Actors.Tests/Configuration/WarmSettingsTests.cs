using ActorPerf.Caching;
using ActorPerf.Configuration;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Shipped;
using ActorPerf.Tests.Node;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorPerf.Tests.Configuration;

/// <summary>Settings under <c>actorperf.cache.warm</c>.</summary>
public sealed class WarmSettingsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);      // a Friday

    [Fact]
    public void Calls_are_read_with_their_arguments_and_times()
    {
        var calls = Calls("""
            { task = report, args = "{\"year\": 2026}", every = 10m }
            { task = report, namespace = team }
            { task = report, cron = "0 18 * * 1-5", time-zone = Europe/Berlin }
            """);
        Assert.Equal(["""{"year": 2026}""", "{}", "{}"], calls.Select(call => System.Text.Encoding.UTF8.GetString(call.Args.Span)));
        Assert.Equal([TimeSpan.FromMinutes(10), null, null], calls.Select(call => call.Every));
        Assert.Equal(["default", "team", "default"], calls.Select(call => call.Namespace.Name));
        Assert.Null(calls[0].NextAfter);
        Assert.Equal(Noon.AddHours(5), calls[2].NextAfter!(Noon));                                  // 18:00 in Berlin
        Assert.Equal(Noon.AddDays(3).AddHours(5), calls[2].NextAfter!(Noon.AddHours(5)));           // not on the weekend
    }

    [Theory]
    [InlineData("{ task = nosuch }", "task", "nosuch")]
    [InlineData("{ task = plain }", "task", "'plain' is not memoised")]
    [InlineData("{ task = report, args = \"{\" }", "args", "no JSON")]
    [InlineData("{ task = square, args = \"[1]\" }", "args", "")]
    [InlineData("{ task = report, namespace = \"No Name\" }", "namespace", "'No Name' is no namespace")]
    [InlineData("{ task = report, cron = \"61 * * * *\" }", "cron", "61")]
    [InlineData("{ task = report, cron = \"* * * * *\", every = 1m }", "cron", "'every'")]
    [InlineData("{ task = report, cron = \"* * * * *\", time-zone = Europe/Berln }", "time-zone", "Europe/Berln")]
    public void A_call_that_cannot_be_made_names_setting_and_value(string call, string setting, string value)
    {
        var fault = Assert.Single(Assert.Throws<ConfigurationFaultException>(() => Calls("{ task = report }", call)).Faults);
        Assert.Equal($"actorperf.cache.warm[1].{setting}", fault.Setting);
        Assert.StartsWith($"actorperf.cache.warm[1].{setting}: ", fault.Problem, StringComparison.Ordinal);
        Assert.Contains(value, fault.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cache.warm = [{ task = report, every = 1ms }]", "every")]
    [InlineData("cache.warm = [{ task = report, evry = 1m }]", "evry")]
    [InlineData("cache.second-level { enabled = on, threshold = 2d }", "threshold")]
    [InlineData("cache.jitter = 1.5", "jitter")]
    public void What_does_not_fit_is_told_with_its_setting(string text, string setting)
    {
        var (_, faults) = Read(text);
        Assert.Contains(setting, Assert.Single(faults).Setting, StringComparison.Ordinal);
    }

    private static List<WarmCall> Calls(params string[] calls)
    {
        var (options, faults) = Read($"cache.warm = [{string.Join('\n', calls)}]");
        Assert.Empty(faults);
        var tasks = new TaskCatalog(
        [
            A.Lambda((_, _) => Task.FromResult("1"), "report", memoize: new Memoization(TimeSpan.FromMinutes(1))), A.Lambda((_, _) => Task.FromResult("1"), "plain"), A.Task<SquareTask>(),
        ]);
        return NodeCache.Calls(new NodeStart { Options = options, Configuration = new ConfigurationBuilder().Build(), Tasks = tasks, Logs = NullLoggerFactory.Instance });
    }

    private static (ActorPerfOptions Options, List<ConfigurationFault> Faults) Read(string text)
    {
        using var folder = new TestFolder();
        var file = folder.Write("akka.hocon", $"actorperf {{\n{text}\n}}");
        var faults = new List<ConfigurationFault>();
        return (ActorPerfSettings.Read(new ConfigurationBuilder().AddHoconFile(file, optional: false).Build(), faults), faults);
    }
}
