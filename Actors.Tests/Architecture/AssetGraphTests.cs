using System.Text.Json;
using System.Xml.Linq;

namespace ActorPerf.Tests.Architecture;

/// <summary>What a clone needs from a package feed.</summary>
public sealed class AssetGraphTests
{
    [Theory]
    [InlineData("Actors")]
    [InlineData("Web")]
    [InlineData("Node")]
    [InlineData("Client")]
    [InlineData("Actors.TestKit")]
    [InlineData("Actors.Tests")]
    [InlineData("Benchmarks")]
    public void The_default_build_needs_no_package_of_the_Akka_family(string project)
    {
        var file = Path.Combine(SourceTree.Root, project, "obj", "project.assets.json");
        Assert.SkipUnless(File.Exists(file), $"restore it: dotnet restore {project}");
        using var graph = JsonDocument.Parse(File.ReadAllText(file));
        var packages = graph.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name).ToList();
        Assert.NotEmpty(packages);
        Assert.DoesNotContain(packages, IsOfTheFamily);
    }

    [Fact]
    public void Packages_of_the_Akka_family_stand_in_conditional_groups_only()
    {
        foreach (var project in SourceTree.Files(".", ".csproj"))
        {
            var groups = XDocument.Parse(project.Text).Descendants("ItemGroup");
            foreach (var reference in groups.Descendants("PackageReference").Where(reference => IsOfTheFamily((string?)reference.Attribute("Include") ?? "")))
                Assert.Equal("'$(AkkaPackages)' == 'true'", (string?)reference.Parent?.Attribute("Condition"));
        }
    }

    private static bool IsOfTheFamily(string name) =>
        name.StartsWith("Akka", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Petabridge", StringComparison.OrdinalIgnoreCase);
}
