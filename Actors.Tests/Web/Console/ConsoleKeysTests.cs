using System.Text.RegularExpressions;
using ActorPerf.Tests.Load;
using ActorPerf.Tests.Web.Console.Fakes;
using ActorPerf.Web.Console.Parts;

namespace ActorPerf.Tests.Web.Console;

/// <summary>Single keys: that each does something, that each is listed, and that the documentation names them all.</summary>
public sealed partial class ConsoleKeysTests
{
    private static readonly string[] Lists =
        ["/jobs", "/operations", "/workflows", "/schedules", "/queues", "/cache", "/data", "/data?kind=Account", "/cluster", "/traces", "/traces/routes", "/traces/calls", "/traces/findings", "/webhooks", "/audit"];

    [Fact]
    public async Task The_key_of_an_act_is_listed_and_no_other_key_takes_it()
    {
        await using var host = await FilledAsync();
        var going = FakeLoad.Fill(host.Services);
        using var script = await host.GetAsync((await host.PageAsync("/")).QuerySelector("script[src*='keys']")?.GetAttribute("src") ?? "");
        var taken = Taken().Matches((await script.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("const actions = {")[1].Split("};")[0]).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Superset(new HashSet<string>(["j", "k", "x", "/", "?", "["]), taken);
        var listed = KeyList.Keys.SelectMany(line => line.Keys.Split(' ')).ToHashSet();
        Assert.Subset(listed, taken);
        var found = new HashSet<string>();
        foreach (var path in ConsolePictures.Pages.Select(page => page.Path).Append($"/load/{going}").Where(path => path != "/nothing-here"))
        {
            using var answer = await host.GetAsync(path);
            var acts = (await ConsoleHost.ParseAsync(answer)).QuerySelectorAll("main [data-act]").Select(act => act.GetAttribute("data-act") ?? "").ToList();
            Assert.True(acts.Distinct().Count() == acts.Count, $"{path} gives one key to two acts: {string.Join(' ', acts)}");
            Assert.All(acts, act => Assert.True(listed.Contains(act) && !taken.Contains(act), $"{path} has an act on the key '{act}', which {(taken.Contains(act) ? "does something else everywhere" : "is not listed")}."));
            found.UnionWith(acts);
        }
        Assert.Superset(new HashSet<string>(["c", "e", "n", "r", "d", "y"]), found);
    }

    [Fact]
    public async Task A_load_test_that_goes_on_is_stopped_by_the_key_that_cancels_elsewhere()
    {
        await using var host = await ConsoleHost.StartAsync();
        var page = await host.PageAsync($"/load/{FakeLoad.Fill(host.Services)}");
        var stop = page.QuerySelector("#stop summary");
        Assert.Equal(("c", "Stop this run"), (stop?.GetAttribute("data-act"), stop?.GetAttribute("data-command")));
        Assert.Contains(KeyList.Keys, line => line is { Keys: "c", What: var what } && what.Contains("stop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_list_is_walked_by_the_keyboard()
    {
        await using var host = await FilledAsync();
        FakeLoad.Fill(host.Services);
        foreach (var path in Lists.Append("/load"))
        {
            var tables = (await host.PageAsync(path)).QuerySelectorAll("main table.grid").Where(table => table.Closest("details, .panel") is null).ToList();
            Assert.True(tables.Count > 0 || path == "/audit", $"{path} lists nothing.");
            Assert.All(tables, table => Assert.True(table.HasAttribute("data-table"), $"{path}: j and k pass over '{table.QuerySelector("caption")?.TextContent}'."));
        }
        var key = (await host.PageAsync("/queues")).QuerySelectorAll("main table").Last().QuerySelector("tbody th a");
        Assert.Equal(("api.example", "/jobs?q=limitKey%3Aapi.example"), (key?.TextContent, key?.GetAttribute("href")));
    }

    [Fact]
    public async Task Questions_open_one_at_a_time_and_stand_in_the_palette()
    {
        await using var host = await FilledAsync();
        var going = FakeLoad.Fill(host.Services);
        foreach (var path in ConsolePictures.Pages.Select(page => page.Path).Append($"/load/{going}").Append("/cluster/node-2"))
        {
            using var answer = await host.GetAsync(path);
            var questions = (await ConsoleHost.ParseAsync(answer)).QuerySelectorAll("main details.confirm");
            Assert.All(questions, question => Assert.True(question.HasAttribute("data-menu"), $"{path}: #{question.Id} stays open beside others."));
            Assert.All(questions.Where(question => question.Id != "files"), question => Assert.True(question.FirstElementChild!.HasAttribute("data-command"), $"{path}: the palette does not know #{question.Id}."));
        }
    }

    [Fact]
    public void The_documentation_names_every_place_and_every_key()
    {
        var text = File.ReadAllText(Path.Combine(ConsolePictures.Root(), "docs", "console.md"));
        var keys = text.Split("\n## Keys\n")[1].Split("\n## ")[0];
        Assert.Contains($"| `g` then `{string.Join(' ', Navigation.Places.Select(place => place.Key))}` | {string.Join(", ", Navigation.Places.Select(place => place.Word))} |", keys, StringComparison.Ordinal);
        Assert.All(Navigation.Places, place => Assert.Contains($"`/{place.Path}`", text.Split("\n## ")[0], StringComparison.Ordinal));
        var named = Quoted().Matches(string.Join('\n', keys.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Split('|')[1]))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.All(KeyList.Keys, line => Assert.True(named.Contains(line.Keys) || line.Keys.Split(' ').All(named.Contains), $"docs/console.md does not name the key '{line.Keys}' ({line.What})."));
    }

    private static async Task<ConsoleHost> FilledAsync()
    {
        var host = await ConsoleHost.StartAsync();
        BusyNode.Fill(host);
        FakeWork.Fill(host);
        await BusyNode.FillDataAsync(host);
        return host;
    }

    [GeneratedRegex(@"^  '?(.)'?: ", RegexOptions.Multiline)]
    private static partial Regex Taken();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
