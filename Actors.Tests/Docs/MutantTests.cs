using System.Text.Json;
using ActorPerf.Tests.Architecture;

namespace ActorPerf.Tests.Docs;

/// <summary>The faults of .ci/mutants.json still fit the sources that they are put into; <c>.ci/mutants</c> demands that each turns its tests red.</summary>
public sealed class MutantTests
{
    private static readonly JsonElement[] Mutants = [.. JsonDocument.Parse(SourceTree.Read(".ci", "mutants.json")).RootElement.EnumerateArray()];

    [Fact]
    public void Each_fault_fits_one_place_of_its_file()
    {
        Assert.True(Mutants.Length >= 10, $"Only {Mutants.Length} faults are listed.");
        Assert.Empty(Mutants.Where(mutant => SourceTree.Read(Text(mutant, "file").Split('/')).Split(Text(mutant, "search")).Length != 2).Select(mutant => Text(mutant, "name")));
        Assert.DoesNotContain(Mutants, mutant => Text(mutant, "search") == Text(mutant, "replace"));
    }

    [Fact]
    public void Each_fault_has_a_name_of_its_own_and_names_tests_that_exist()
    {
        Assert.Equal(Mutants.Length, Mutants.Select(mutant => Text(mutant, "name")).Distinct().Count());
        Assert.Empty(Mutants.SelectMany(mutant => mutant.GetProperty("tests").EnumerateArray()).Select(test => test.GetString()!).Distinct()
            .Where(test => typeof(MutantTests).Assembly.GetType(test) is null));
    }

    private static string Text(JsonElement mutant, string member) => mutant.GetProperty(member).GetString()!;
}
