using System.Text.RegularExpressions;
using ActorPerf.Jobs.Search;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Docs;

public sealed partial class SearchPageTests
{
    [Fact]
    public void Every_example_of_the_page_can_be_read()
    {
        var examples = Example().Matches(SourceTree.Read("docs", "search.md")).Select(match => match.Groups[1].Value).ToList();
        Assert.True(examples.Count >= 10, $"{examples.Count} examples found");
        Assert.All(examples, example => Assert.True(FilterText.TryParse(example, out _, out var fault), $"{example}: {fault}"));
    }

    [Fact]
    public void The_page_names_every_field()
    {
        var page = SourceTree.Read("docs", "search.md");
        Assert.All(FilterFields.All, field => Assert.Contains($"`{field}`", page, StringComparison.Ordinal));
    }

    /// <summary>First cells of the table of examples: a search with a sign in it, or an id.</summary>
    [GeneratedRegex(@"^\| `([^`|]*(?:[:<>=]|0199)[^`|]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Example();
}
