using System.Reflection;
using ActorPerf.Tests.Architecture;
using ActorPerf.Tracing;

namespace ActorPerf.Tests.Docs;

public sealed class TracingPageTests
{
    private readonly string _page = SourceTree.Read("docs", "tracing.md");

    [Fact]
    public void The_page_names_every_kind_of_call() => Assert.All(Enum.GetValues<CallKind>(), kind => Assert.Contains($"`{kind.Word()}`", _page, StringComparison.Ordinal));

    [Fact]
    public void The_page_says_of_every_finding_what_to_do() => Assert.All(Enum.GetValues<FindingSort>(), sort => Assert.Contains($"| `{sort.Word()}` | ", _page, StringComparison.Ordinal));

    [Fact]
    public void The_page_names_every_setting() => Assert.All(
        typeof(TracingOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly),
        setting => Assert.Contains($"`{Hyphens(setting.Name)}`", _page, StringComparison.Ordinal));

    [Fact]
    public void What_Appstats_users_know_stands_beside_every_finding()
    {
        var page = SourceTree.Read("docs", "coming-from-appstats.md");
        Assert.All(Enum.GetValues<FindingSort>(), sort => Assert.Contains($"`{sort.Word()}`", page, StringComparison.Ordinal));
    }

    private static string Hyphens(string name) => string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
