using ActorPerf.Configuration;
using ActorPerf.Setup;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Jobs;

public sealed class LimitSettingsTests
{
    [Fact]
    public void Limits_of_queues_and_keys_are_read()
    {
        var options = Read("""
            actorperf {
              queues { mail { concurrency = 3, paused = true, rate { limit = 10, per = 500ms }, key-concurrency = 2, key-rate { limit = 1 } } }
              limits { "eu" { concurrency = 4, rate { limit = 100, per = 1m } }, us { concurrency = 1 } }
            }
            """, out var faults);
        Assert.Empty(faults);
        var mail = options.Queues["mail"];
        Assert.Equal((3, true, 10, TimeSpan.FromMilliseconds(500), 2, 1, TimeSpan.FromSeconds(1)),
            (mail.Concurrency, mail.Paused, mail.Rate.Limit, mail.Rate.Per, mail.KeyConcurrency, mail.KeyRate.Limit, mail.KeyRate.Per));
        Assert.Equal((4, 100, TimeSpan.FromMinutes(1), 1), (options.Limits["eu"].Concurrency, options.Limits["eu"].Rate.Limit, options.Limits["eu"].Rate.Per, options.Limits["us"].Concurrency));
    }

    [Theory]
    [InlineData("limits { eu { } }", "limits nothing")]
    [InlineData("limits { eu { concurrency = -1 } }", "concurrency")]
    [InlineData("limits { eu { concurency = 1 } }", "concurrency")]
    [InlineData("queues { mail { rate { limit = 5, per = 2d } } }", "per")]
    public void Limits_that_cannot_be_used_are_refused(string section, string words)
    {
        Read($"actorperf {{ {section} }}", out var faults);
        Assert.Contains(faults, fault => fault.ToString().Contains(words, StringComparison.Ordinal));
    }

    private static ActorPerfOptions Read(string hocon, out List<ConfigurationFault> faults)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, hocon);
            faults = [];
            return ActorPerfSettings.Read(new ConfigurationBuilder().AddHoconFile(file, optional: false).Build(), faults);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
