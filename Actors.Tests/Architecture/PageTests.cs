using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>What programs and files say to the outside has its page, and pages name nothing that is not there.</summary>
public sealed partial class PageTests
{
    /// <summary>Codes that never cross the wire as a problem: they are judged inside, or are an error type of a job.</summary>
    private static readonly string[] Inner = ["late-report"];

    [Fact]
    public void Every_error_code_of_the_wire_has_its_row_and_every_row_its_code()
    {
        var rows = Row().Matches(SourceTree.Read("docs", "errors.md")).Select(match => match.Groups[1].Value).ToHashSet();
        var table = TableEntry().Matches(SourceTree.Read("Web", "Api", "Problems.cs")).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(table);
        Assert.Equal(table.Order(), rows.Order());
    }

    [Fact]
    public void Every_refusal_in_the_source_has_a_code_that_the_wire_knows()
    {
        var table = TableEntry().Matches(SourceTree.Read("Web", "Api", "Problems.cs")).Select(match => match.Groups[1].Value).ToHashSet();
        var used =
            (from folder in new[] { "Actors", "Web" }
             from file in SourceTree.Files(folder, ".cs")
             from Match match in Refused().Matches(file.Text)
             select (Code: match.Groups[1].Value, file.Name)).ToList();
        Assert.NotEmpty(used);
        Assert.DoesNotContain(used, one => !table.Contains(one.Code) && !Inner.Contains(one.Code));
    }

    [Theory]
    [InlineData("database.md", "Actors/Storage/Sqlite/SqliteSchema.cs")]
    [InlineData("history.md", "Actors/Jobs/HistoryRow.cs")]
    [InlineData("canonical-arguments.md", "Actors/Tasks/CanonicalJson.cs")]
    [InlineData("batch.md", "Web/Api/BatchWriter.cs")]
    [InlineData("keys-file.md", "Web/Security/KeysFile.cs")]
    [InlineData("console-keys.md", "Node/Serving/ConsoleKeys.cs")]
    [InlineData("submission-digest.md", "Web/Wire/SubmissionDigest.cs")]
    [InlineData("webhook.md", "Actors/Jobs/Webhooks/WebhookBody.cs")]
    [InlineData("worker-lines.md", "Actors/Tasks/Commands/WorkerLines.cs")]
    [InlineData("cache-entry.md", "Actors/Storage/Sqlite/SqliteCacheRows.cs")]
    [InlineData("load-report.md", "Actors/Load/Figures/LoadJson.cs")]
    [InlineData("entity.md", "Actors/Storage/Entities/SortValue.cs")]
    public void Every_format_has_its_page(string page, string writer)
    {
        Assert.True(File.Exists(Path.Combine(SourceTree.Root, "docs", "formats", page)), page);
        Assert.True(File.Exists(Path.Combine(SourceTree.Root, writer)), $"{writer} moved: say here which code writes what {page} describes");
    }

    [Fact]
    public void Pages_of_formats_that_the_code_points_to_exist()
    {
        var missing =
            from folder in new[] { "Actors", "Web", "Node" }
            from file in SourceTree.Files(folder, ".cs")
            from Match match in PageName().Matches(file.Text)
            where !File.Exists(Path.Combine(SourceTree.Root, match.Value))
            select $"{file.Name}: {match.Value}";
        Assert.Empty(missing);
    }

    [Fact]
    public void The_page_of_the_database_names_every_table_and_every_invariant()
    {
        var page = SourceTree.Read("docs", "formats", "database.md");
        var tables = Table().Matches(SourceTree.Read("Actors", "Storage", "Sqlite", "SqliteSchema.cs")).Select(match => match.Groups[1].Value).ToList();
        var invariants = Invariant().Matches(SourceTree.Read("Actors", "Storage", "Sqlite", "SqliteVerify.cs")).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(tables);
        Assert.NotEmpty(invariants);
        Assert.All(tables.Concat(invariants), name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        var pages = SourceTree.Files("docs", ".md").Append(new SourceFile("README.md", SourceTree.Read("README.md")));
        var broken =
            from page in pages
            from Match link in Link().Matches(page.Text)
            let target = Path.Combine(SourceTree.Root, Path.GetDirectoryName(page.Name) ?? "", link.Groups[1].Value)
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{page.Name}: {link.Groups[1].Value}";
        Assert.Empty(broken);
    }

    [GeneratedRegex(@"^\| `([a-z-]+)` \| \d{3} \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\[""([a-z-]+)""\] = new\(\d{3},")]
    private static partial Regex TableEntry();

    [GeneratedRegex(@"(?:new Refusal\(|Refusal\.Invalid\(|Refusal [A-Z]\w+(?:\([^)]*\))?(?: \{ get; \})? (?:=>|=) new\(|Refused\(new\()\s*""([a-z-]+)""")]
    private static partial Regex Refused();

    [GeneratedRegex(@"docs/[\w/-]+\.md")]
    private static partial Regex PageName();

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex Table();

    [GeneratedRegex(@"(?:\(|Violation\()""([a-z]+(?:-[a-z]+)+)"", ""[A-Z]")]
    private static partial Regex Invariant();

    [GeneratedRegex(@"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
