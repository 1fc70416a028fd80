using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>Tests that run actors under a seed can be chosen by their trait, and what only the kernel has stays out of the packages build.</summary>
public sealed partial class SimulatedTests
{
    private static IEnumerable<SourceFile> Files => SourceTree.Files("Actors.Tests", ".cs");

    [Fact]
    public void Tests_that_run_under_a_seed_carry_the_trait() =>
        Assert.Empty(Files.Where(file => Simulation().IsMatch(file.Code) && Test().IsMatch(file.Code))
            .Where(file => !file.Text.Contains("[Trait(\"Kind\", \"Simulation\")]", StringComparison.Ordinal))
            .Select(file => file.Name));

    [Fact]
    public void Tests_that_need_the_kernel_are_left_out_of_the_packages_build()
    {
        var project = SourceTree.Read("Actors.Tests", "Actors.Tests.csproj");
        var left = LeftOut().Matches(project).SelectMany(match => match.Groups[1].Value.Split(';')).Select(AsPattern).ToList();
        Assert.NotEmpty(left);
        Assert.Empty(Files.Where(file => OfTheKernel().IsMatch(file.Code)).Select(file => file.Name["Actors.Tests/".Length..])
            .Where(name => !left.Exists(pattern => pattern.IsMatch(name))));
    }

    private static Regex AsPattern(string glob) => new(
        "^" + Regex.Escape(glob).Replace(@"\*\*/", "(.*/)?", StringComparison.Ordinal).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal) + "$");

    [GeneratedRegex(@"\b(ActorSimulation|JobWorld)\b")]
    private static partial Regex Simulation();

    [GeneratedRegex(@"\[(Fact|Theory)\]")]
    private static partial Regex Test();

    [GeneratedRegex(@"\b(ActorSimulation|KernelSetup|KernelActorInspector|ActorCell|JobWorld)\b|^using ActorPerf\.Kernel;", RegexOptions.Multiline)]
    private static partial Regex OfTheKernel();

    [GeneratedRegex("<Compile Remove=\"([^\"]+)\"")]
    private static partial Regex LeftOut();
}
