using System.Text.RegularExpressions;
using ActorPerf.Cluster;
using ActorPerf.Tests.Architecture;
using ActorPerf.Tests.Cluster.Proofs;
using ActorPerf.Tests.Storage;

namespace ActorPerf.Tests.Docs;

/// <summary>What docs/invariants.md claims is proved by tests that exist.</summary>
public sealed partial class InvariantsPageTests
{
    private static string Page { get; } = SourceTree.Read("docs", "invariants.md");

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        var tests = typeof(InvariantsPageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true)).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();
        var named = Named().Matches(Page).Select(match => Class(match.Groups[1].Value) + "." + match.Groups[2].Value).ToList();
        Assert.True(named.Count > 25, $"Only {named.Count} tests are named.");
        Assert.Empty(named.Where(name => !tests.Contains(name)));
    }

    [Fact]
    public void Every_promise_names_a_test() =>
        Assert.Empty(Page.Split('\n').Where(line => line.StartsWith("| INV-", StringComparison.Ordinal) && !Named().IsMatch(line)));

    [Fact]
    public void The_rows_of_the_runner_of_faults_are_those_that_the_page_names()
    {
        var named = Row().Matches(Page).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(Faults.All.Keys.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_place_of_a_kill_is_listed() =>
        Assert.Empty(CrashPoints.All.Where(point => !Page.Contains($"`{point}`", StringComparison.Ordinal)));

    private static string Class(string name) => name == "JobStore" ? nameof(JobStoreConformance) : name + "Tests";

    /// <summary>In code marks: a class without its suffix, a point, and a rule, which is words joined with underscores.</summary>
    [GeneratedRegex(@"`(\w+)\.(\w+_\w+)`")]
    private static partial Regex Named();

    /// <summary>In code marks, by its number in the catalogue and its words.</summary>
    [GeneratedRegex(@"`((?:INV|F)-\d\d [^`]+)`")]
    private static partial Regex Row();
}
