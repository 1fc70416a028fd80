using ActorPerf.Configuration;
using ActorPerf.Setup;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Queries;

/// <summary>Settings under <c>actorperf.data</c>: what does not fit together is named with its place, and no secret with it.</summary>
public sealed class DataSettingsTests
{
    [Theory]
    [InlineData("lookups { product { connection-string = \"Password=hush\", key = id } }", "provider = sqlite, postgresql or sqlserver", 2)]
    [InlineData("lookups { product { provider = sqlite } }", "A connection string is needed", 2)]
    [InlineData("lookups { \"9x\" { provider = sqlite, connection-string = x } }", "'9x' is no kind", 2)]
    [InlineData("lookups { p { provider = sqlite, connection-string = x } }, kinds { p { indexes = [a] } }", "'p' is a lookup", 2)]
    [InlineData("queries { \"Sales Q\" { provider = sqlite, connection-string = x, sql = \"SELECT 1\" } }", "'Sales Q' is no task name", 2)]
    [InlineData("queries { sales { provider = sqlite, connection-string = \"Password=hush\", sql = \"SELECT 1\",\n parameters { year = int } } }", "The statement has no @year", 3)]
    [InlineData("queries { sales { provider = sqlite, connection-string = x, sql = \"SELECT @y\",\n parameters { y = integer } } }", "must be one of int, double, bool, text", 3)]
    [InlineData("queries { sales { provider = oracle, connection-string = x, sql = \"SELECT 1\" } }", "must be one of sqlite, postgresql, sqlserver", 2)]
    public void What_does_not_fit_is_refused_with_file_line_and_column(string data, string message, int line)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"# settings\nactorperf {{ data {{ {data} }} }}");
            var faults = new List<ConfigurationFault>();
            ActorPerfSettings.Read(new ConfigurationBuilder().AddHoconFile(file, optional: false).Build(), faults);
            var fault = Assert.Single(faults, fault => fault.Problem.Contains(message, StringComparison.Ordinal));
            Assert.Equal(line, fault.Origin?.Line);
            Assert.Equal(file, fault.Origin?.Source);
            Assert.True(fault.Origin?.Column > 1);
            Assert.DoesNotContain(faults, one => one.Problem.Contains("hush", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
