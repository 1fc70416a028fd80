using System.Text.RegularExpressions;
using ActorPerf.Configuration;
using ActorPerf.Load;
using ActorPerf.Setup;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Docs;

/// <summary>docs/load-scenarios.md shows what can be written.</summary>
public sealed partial class LoadScenariosPageTests
{
    private static readonly string Page = SourceTree.Read("docs", "load-scenarios.md");

    [Fact]
    public void Its_scenario_is_read()
    {
        var written = Hocon().Match(Page).Groups[1].Value;
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationBuilder()
            .Add(new SettingLayerSource(HoconFlattener.Flatten(HoconReader.ReadText(written, "load-scenarios.md", _ => null)))).Build();
        var faults = new List<ConfigurationFault>();
        var options = ActorPerfSettings.Read(configuration, faults).Load;
        Assert.Empty(faults);
        var shop = ScenarioCompiler.Compile("shop", options.Scenarios["shop"]);
        Assert.Equal(["buyer 1", "reader 3"], shop.Users.Select(static user => $"{user.Name} {user.Weight}").Order());
    }

    [Fact]
    public void It_names_every_scenario_that_ships() =>
        Assert.Equal(ShippedScenarios.All.Select(static scenario => scenario.Name).Order(), Row().Matches(Page.Split("## In the configuration")[0]).Select(static match => match.Groups[1].Value).Order());

    [Fact]
    public void It_names_every_function() =>
        Assert.All(LoadTemplate.Functions, static function => Assert.Contains("{{" + function.Split('(')[0], Page, StringComparison.Ordinal));

    [GeneratedRegex(@"```hocon\n([\s\S]*?)```")]
    private static partial Regex Hocon();

    [GeneratedRegex(@"^\| `([a-z-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
