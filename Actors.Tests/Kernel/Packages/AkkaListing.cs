using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Kernel;

/// <summary>One type of Akka.NET as the listing has it.</summary>
/// <param name="Modifiers">Such as <c>abstract </c>; public in any case.</param>
/// <param name="Kind"><c>class</c>, <c>interface</c>, <c>enum</c>, <c>struct</c> or <c>delegate</c>.</param>
/// <param name="Name">With its namespace, the types around it, and its type parameters.</param>
/// <param name="Base">Null where the listing names none.</param>
/// <param name="Interfaces">Those it implements.</param>
/// <param name="Members">One a line, as listed.</param>
internal sealed record AkkaType(string Modifiers, string Kind, string Name, string? Base, string[] Interfaces, List<string> Members)
{
    /// <summary>The last part of the name, without type parameters.</summary>
    public string SimpleName { get; } = WithoutArguments(Name)[(WithoutArguments(Name).LastIndexOf('.') + 1)..];

    /// <summary>The name without its type parameters.</summary>
    public string Path { get; } = WithoutArguments(Name);

    private static string WithoutArguments(string name) => name.Split('<')[0];
}

/// <summary>The public and protected members of Akka.NET that a build on its packages may use: akka-surface.txt, read.</summary>
internal static partial class AkkaListing
{
    public static IReadOnlyList<AkkaType> Read()
    {
        using var stream = typeof(AkkaListing).Assembly.GetManifestResourceStream("akka-surface.txt")!;
        using var reader = new StreamReader(stream);
        var types = new List<AkkaType>();
        foreach (var line in reader.ReadToEnd().Split('\n'))
        {
            if (TypeLine().Match(line) is { Success: true } type) types.Add(TypeOf(type));
            else if (line.StartsWith("  ", StringComparison.Ordinal)) types[^1].Members.Add(line.Trim());
        }
        return types;
    }

    /// <summary>Splits at commas that stand outside of brackets.</summary>
    public static IEnumerable<string> Split(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] is '<' or '(' ? 1 : text[i] is '>' or ')' ? -1 : 0;
            if (text[i] != ',' || depth > 0) continue;
            yield return text[start..i].Trim();
            start = i + 1;
        }
        if (text[start..].Trim() is { Length: > 0 } last) yield return last;
    }

    private static AkkaType TypeOf(Match line)
    {
        var basis = line.Groups["base"].Value.Trim();
        return new AkkaType(
            line.Groups["modifiers"].Value, line.Groups["kind"].Value, line.Groups["name"].Value.Trim(), basis.Length == 0 ? null : basis,
            [.. Split(line.Groups["interfaces"].Value)], []);
    }

    [GeneratedRegex(@"^(?<modifiers>(?:abstract |sealed |static |readonly )*)(?<kind>class|interface|enum|struct|delegate) (?<name>[^:]+?)(?: : (?<base>.+?))?(?: implements (?<interfaces>.+))?\r?$")]
    private static partial Regex TypeLine();
}
