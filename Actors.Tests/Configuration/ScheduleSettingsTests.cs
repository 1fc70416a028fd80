using System.Text;
using ActorPerf.Configuration;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

/// <summary>Settings under <c>actorperf.schedules</c>.</summary>
public sealed class ScheduleSettingsTests
{
    [Fact]
    public void A_schedule_is_read_with_its_arguments_as_JSON()
    {
        var (schedules, faults) = Read("""
            nightly {
              cron = "0 2 * * *", time-zone = "Europe/Berlin", task = report, namespace = team, queue = slow, priority = 7, timeout = 10m, max-attempts = 3, tags = [night, db],
              args { n = 12, ratio = 0.5, on = true, name = "x y", list = [1, a], deep { empty = [], none = null }, version = "1.2.3" }
              overlap = cancel, misfire = all, misfire-limit = 9, jitter = 30s, paused = true
            }
            text { cron = "@daily", task = t, args = "{\"code\": \"007\"}" }
            """);
        Assert.Empty(faults);
        var nightly = schedules.Single(schedule => schedule.Name == "nightly");
        var definition = nightly.Definition;
        Assert.Equal("team", nightly.Namespace.Name);
        Assert.Equal(
            ("0 2 * * *", "Europe/Berlin", "report", "slow", 7, TimeSpan.FromMinutes(10), 3, ScheduleOverlap.Cancel, ScheduleMisfire.All, 9, TimeSpan.FromSeconds(30), true),
            (definition.Cron, definition.TimeZone, definition.Task, definition.Queue, definition.Priority, definition.Timeout, definition.MaxAttempts, definition.Overlap, definition.Misfire,
                definition.MisfireLimit, definition.Jitter, definition.Paused));
        Assert.Equal(["night", "db"], definition.Tags);
        using var args = System.Text.Json.JsonDocument.Parse(definition.Args);
        Assert.Equal("12 0.5 True x y [1,\"a\"] [] Null 1.2.3", string.Join(' ',
            args.RootElement.GetProperty("n"), args.RootElement.GetProperty("ratio"), args.RootElement.GetProperty("on"), args.RootElement.GetProperty("name"),
            args.RootElement.GetProperty("list").GetRawText(), args.RootElement.GetProperty("deep").GetProperty("empty").GetRawText(),
            args.RootElement.GetProperty("deep").GetProperty("none").ValueKind, args.RootElement.GetProperty("version")));
        Assert.Equal("{\"code\": \"007\"}", Encoding.UTF8.GetString(schedules.Single(schedule => schedule.Name == "text").Definition.Args.Span));
    }

    [Fact]
    public void All_faults_are_told_with_their_places()
    {
        var (_, faults) = Read("""
            a { cron = "0 0 30 2 *", task = t }
            b { cron = "* * * * *", task = t, time-zone = "Europe/Berln", overlap = wait, crom = 1, paused = maybe, jitter = long, misfire-limit = 0, args = "{" }
            c { task = t }
            """);
        string[] expected =
        [
            "actorperf.schedules.a.cron", "actorperf.schedules.b.args", "actorperf.schedules.b.crom", "actorperf.schedules.b.jitter", "actorperf.schedules.b.misfire-limit",
            "actorperf.schedules.b.overlap", "actorperf.schedules.b.paused", "actorperf.schedules.b.time-zone", "actorperf.schedules.c.cron",
        ];
        Assert.Equal(expected, faults.Select(fault => fault.Setting).Order(StringComparer.Ordinal));
        Assert.All(faults.Where(fault => fault.Setting != "actorperf.schedules.c.cron"), fault => Assert.NotNull(fault.Origin));
        Assert.Contains("Did you mean 'cron'?", faults.Single(fault => fault.Setting.EndsWith("crom", StringComparison.Ordinal)).Problem, StringComparison.Ordinal);
    }

    private static (IReadOnlyList<ConfiguredSchedule> Schedules, List<ConfigurationFault> Faults) Read(string schedules)
    {
        using var folder = new TestFolder();
        var file = folder.Write("akka.hocon", $"actorperf {{ schedules {{\n{schedules}\n}} }}");
        var faults = new List<ConfigurationFault>();
        var options = ActorPerfSettings.Read(new ConfigurationBuilder().AddHoconFile(file, optional: false).Build(), faults);
        return (options.Schedules, faults);
    }
}
