using System.Text.RegularExpressions;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Docs;

/// <summary>What docs/kernel.md claims is proved by tests that exist.</summary>
public sealed partial class KernelPageTests
{
    private static string Page { get; } = SourceTree.Read("docs", "kernel.md");

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var tests = typeof(KernelPageTests).Assembly.GetTypes()
            .Where(type => type.Namespace is "ActorPerf.Tests.Kernel" or "ActorPerf.Tests.TestKit")
            .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true)).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();
        var named = Named().Matches(Page).Select(match => $"{match.Groups[1].Value}Tests.{match.Groups[2].Value}").ToList();
        Assert.True(named.Count > 120, $"Only {named.Count} tests are named.");
        Assert.Empty(named.Where(name => !tests.Contains(name)));
    }

    [Fact]
    public void Every_line_of_its_tables_of_members_names_a_test() =>
        Assert.Empty(Page[..Page.IndexOf("## How it works", StringComparison.Ordinal)].Split('\n')
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal) && !line.StartsWith("| member |", StringComparison.Ordinal))
            .Where(line => !Named().IsMatch(line)));

    /// <summary>In code marks: a class without its suffix, a point, and a rule, which is words joined with underscores.</summary>
    [GeneratedRegex(@"`(\w+)\.(\w+_\w+)`")]
    private static partial Regex Named();
}
