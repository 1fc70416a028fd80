using System.Text;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>The repository's own files, as far as a guard of their rules needs them.</summary>
internal static partial class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>Files below a folder, what builds make left out; the path is relative to <see cref="Root"/>, with slashes.</summary>
    public static IEnumerable<SourceFile> Files(string folder, params string[] endings) =>
        from path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)) && !Built().IsMatch(name)
        orderby name
        select new SourceFile(name, File.ReadAllText(path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorPerf.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run below the repository, whose root holds ActorPerf.sln.");
    }

    [GeneratedRegex("(^|/)(bin|obj|data|artifacts)/")]
    private static partial Regex Built();
}

/// <param name="Name">Path below the root, with slashes.</param>
/// <param name="Text">As it stands.</param>
internal sealed partial record SourceFile(string Name, string Text)
{
    /// <summary>The text with comments, texts and characters blanked: same lines, same columns, nothing but code.</summary>
    public string Code => _code ??= CommentOrText().Replace(Text, match => Blank(match.Value));

    private string? _code;

    /// <summary>Places where a pattern matches the code, as <c>path:line: text</c>.</summary>
    public IEnumerable<string> Places(Regex pattern) => Places(pattern, Code);

    /// <summary>The same in the whole text, comments included.</summary>
    public IEnumerable<string> PlacesInText(Regex pattern) => Places(pattern, Text);

    private IEnumerable<string> Places(Regex pattern, string where) =>
        pattern.Matches(where).Select(match => $"{Name}:{where.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value.Trim()}");

    private static string Blank(string text)
    {
        var blank = new StringBuilder(text.Length);
        foreach (var character in text) blank.Append(character == '\n' ? '\n' : ' ');
        return blank.ToString();
    }

    // Interpolated texts are blanked whole: what stands in their holes is not looked at.
    [GeneratedRegex("""
        //[^\n]*|/\*[\s\S]*?\*/|\$*(\"\"\"+)[\s\S]*?\1|\$?@\$?"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'
        """)]
    private static partial Regex CommentOrText();
}
