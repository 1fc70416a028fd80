using System.Text.RegularExpressions;
using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed partial class ConfigurationPageTests
{
    [Fact]
    public void Every_example_of_the_page_is_read()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"));
        var examples = Example().Matches(page);
        Assert.NotEmpty(examples);
        using var folder = new TestFolder();
        folder.Write("shared.hocon", "shared = yes");
        foreach (Match example in examples)
        {
            var file = folder.Write("akka.hocon", example.Groups[1].Value);
            var settings = HoconFlattener.Flatten(HoconReader.ReadFile(file, name => name == "HOME" ? "/home/x" : null)).Values;
            Assert.Equal(("/home/x/data/more", "d", "e", "1000", "10", "yes"),
                (settings["path"], settings["hosts:3"], settings["all:4"], settings["cache:max-entries"], settings["slow:max-entries"], settings["shared"]));
            Assert.DoesNotContain("maybe", settings.Keys);
        }
    }

    [Fact]
    public void The_page_names_every_kernel_setting_that_has_an_effect()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "configuration.md"));
        foreach (var pattern in KernelConfig.Effective)
            Assert.Contains($"`{pattern.Replace("/*", "/compute/<queue>", StringComparison.Ordinal).Replace("**", "*", StringComparison.Ordinal).Replace(':', '.')}`", page, StringComparison.Ordinal);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorPerf.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run below the repository, whose root holds ActorPerf.sln.");
    }

    [GeneratedRegex("```hocon\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
