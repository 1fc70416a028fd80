using System.Text;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Kernel;

/// <summary>
/// Writes the listing as C# that compiles: every member throws, nothing is abstract, and what the listing mentions without listing it is an
/// empty type. Code that compiles against it uses no member, and no signature, that the listing lacks.
/// </summary>
/// <remarks>What it does not prove: that interfaces and abstract members are implemented (the kernel's own build does), and constraints.</remarks>
internal sealed partial class AkkaStubs
{
    private static readonly string[] Usings =
    [
        "System", "System.Collections", "System.Collections.Generic", "System.Linq.Expressions", "System.Reflection", "System.Text.RegularExpressions",
        "System.Threading", "System.Threading.Tasks", "System.Runtime.Serialization",
    ];

    private readonly Dictionary<string, AkkaType> _types;
    private readonly StringBuilder _text = new();

    private AkkaStubs(IReadOnlyList<AkkaType> listing)
    {
        _types = listing.ToDictionary(type => type.Path);
        foreach (var mentioned in Mentioned(listing)) _types.TryAdd(mentioned.Path, mentioned);
    }

    /// <summary>The whole listing as one file of C#.</summary>
    public static string Write(IReadOnlyList<AkkaType> listing) => new AkkaStubs(listing).Write();

    private string Write()
    {
        _text.AppendLine("#nullable disable");
        foreach (var space in Usings) _text.AppendLine($"using {space};");
        _text.AppendLine("internal sealed class Only;");
        foreach (var type in _types.Values.Where(type => !IsNested(type)).OrderBy(type => type.Path, StringComparer.Ordinal))
        {
            _text.AppendLine($"namespace {type.Path[..type.Path.LastIndexOf('.')]} {{");
            Write(type);
            _text.AppendLine("}");
        }
        return _text.ToString();
    }

    /// <summary>Types that only stand in a signature: empty, an interface where the name says so.</summary>
    private static IEnumerable<AkkaType> Mentioned(IReadOnlyList<AkkaType> listing)
    {
        var text = string.Join('\n', listing.SelectMany(type => type.Members.Concat(type.Interfaces).Append(type.Base ?? "")));
        foreach (Match name in AkkaName().Matches(text))
        {
            var simple = name.Groups["path"].Value[(name.Groups["path"].Value.LastIndexOf('.') + 1)..];
            var arguments = name.Groups["arguments"].Success ? Arity(text, name.Index + name.Groups["path"].Length) : 0;
            var kind = simple.Length > 1 && simple[0] == 'I' && char.IsUpper(simple[1]) ? "interface" : "class";
            var parameters = arguments == 0 ? "" : $"<{string.Join(", ", Enumerable.Range(1, arguments).Select(i => $"T{i}"))}>";
            yield return new AkkaType("", kind, name.Groups["path"].Value + parameters, null, [], kind == "class" ? ["new()"] : []);
        }
    }

    private static int Arity(string text, int open)
    {
        var (depth, end) = (0, open);
        do
        {
            depth += text[end] == '<' ? 1 : text[end] == '>' ? -1 : 0;
            end++;
        }
        while (depth > 0);
        return AkkaListing.Split(text[(open + 1)..(end - 1)]).Count();
    }

    private bool IsNested(AkkaType type) => _types.ContainsKey(type.Path[..type.Path.LastIndexOf('.')]);

    private IEnumerable<AkkaType> Nested(AkkaType type) =>
        _types.Values.Where(other => other.Path.StartsWith(type.Path + ".", StringComparison.Ordinal) && other.Path.LastIndexOf('.') == type.Path.Length);

    private void Write(AkkaType type)
    {
        var name = type.Name[(type.Path.Length - type.SimpleName.Length)..];
        switch (type.Kind)
        {
            case "enum":
                _text.AppendLine($"public enum {name} {{ {string.Join(", ", type.Members)} }}");
                return;
            case "delegate":
                var (result, parameters) = Delegate(type.Members[0]);
                _text.AppendLine($"public delegate {result} {name}({parameters});");
                return;
        }
        _text.AppendLine($"public {type.Modifiers}{type.Kind} {name}{Heirs(type)} {{");
        if (type.Kind == "class" && !type.Modifiers.Contains("static", StringComparison.Ordinal)) _text.AppendLine($"internal {type.SimpleName}(Only only){ToBase(type)} {{ }}");
        foreach (var member in type.Members) _text.AppendLine(Member(type, member));
        foreach (var nested in Nested(type)) Write(nested);
        _text.AppendLine("}");
    }

    /// <summary>Of the framework's interfaces only those that callers notice and that ask for nothing the listing may lack.</summary>
    private static string Heirs(AkkaType type)
    {
        var disposable = type.Members.Exists(member => member.StartsWith("void Dispose()", StringComparison.Ordinal));
        var heirs = (type.Base is null ? [] : new[] { type.Base })
            .Concat(type.Interfaces.Where(name => name.StartsWith("Akka.", StringComparison.Ordinal) || (name == "IDisposable" && disposable)));
        return string.Join(", ", heirs) is { Length: > 0 } list ? " : " + list : "";
    }

    private static string ToBase(AkkaType type) => type.Base is { } basis && basis.Contains('.', StringComparison.Ordinal) ? " : base(default(Only))" : "";

    private static string Member(AkkaType type, string member)
    {
        var words = Modifier().Match(member);
        var (modifiers, rest) = (words.Value, member[words.Length..]);
        var access = type.Kind == "interface" ? "" : modifiers.Contains("protected", StringComparison.Ordinal) ? "protected " : "public ";
        var isStatic = modifiers.Contains("static", StringComparison.Ordinal);
        var isVirtual = type.Kind == "class" && !isStatic && !type.Modifiers.Contains("sealed", StringComparison.Ordinal)
            && (modifiers.Contains("virtual", StringComparison.Ordinal) || modifiers.Contains("abstract", StringComparison.Ordinal));
        var prefix = access + (isStatic ? "static " : isVirtual ? "virtual " : "");
        if (rest.StartsWith("new(", StringComparison.Ordinal)) return $"{access}{type.SimpleName}({Parameters(rest, false)}){ToBase(type)} => throw null;";
        var open = rest.IndexOf('(', StringComparison.Ordinal);
        if (rest.EndsWith('}')) return Property(prefix, rest);
        if (open < 0) return Field(prefix, rest);
        return $"{prefix}{rest[..open]}({Parameters(rest[open..], IsExtension(type, isStatic))}) => throw null;";
    }

    private static bool IsExtension(AkkaType type, bool isStatic) => isStatic && type.Modifiers.Contains("static", StringComparison.Ordinal)
        && (type.SimpleName is "Futures" || type.SimpleName.EndsWith("Extensions", StringComparison.Ordinal) || type.SimpleName.EndsWith("Support", StringComparison.Ordinal));

    private static string Property(string prefix, string rest)
    {
        var (head, accessors) = (rest[..rest.IndexOf('{', StringComparison.Ordinal)].Trim(), rest[rest.IndexOf('{', StringComparison.Ordinal)..]);
        return $"{prefix}{head} {{ get => throw null;{(accessors.Contains("set", StringComparison.Ordinal) ? " set => throw null;" : "")} }}";
    }

    /// <summary>Static texts are constants in Akka.NET.</summary>
    private static string Field(string prefix, string rest) => rest.StartsWith("string ", StringComparison.Ordinal)
        ? $"{prefix.Replace("static ", "const ", StringComparison.Ordinal)}{rest} = \"\";"
        : $"{prefix}readonly {rest} = default;";

    private static (string Result, string Parameters) Delegate(string member)
    {
        var open = member.IndexOf('(', StringComparison.Ordinal);
        return (member[..open], Parameters(member[open..], false));
    }

    private static string Parameters(string text, bool extension)
    {
        var inner = text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..text.LastIndexOf(')')];
        return (extension ? "this " : "") + string.Join(", ", AkkaListing.Split(inner).Select(Parameter));
    }

    private static string Parameter(string text)
    {
        var parts = text.Replace("ref ", "out ", StringComparison.Ordinal).Split('=', 2);
        var declared = parts[0].Trim();
        var space = declared.LastIndexOf(' ');
        var value = parts.Length == 1 ? "" : " = " + parts[1].Trim() switch { "False" => "false", "True" => "true", "" => "\"\"", var given => given };
        return $"{declared[..space]} @{declared[(space + 1)..]}{value}";
    }

    [GeneratedRegex(@"(?<![\w.])(?<path>(?:Akka|Petabridge)(?:\.\w+)+)(?<arguments><)?")]
    private static partial Regex AkkaName();

    [GeneratedRegex("^(?:(?:protected|static|abstract|virtual|override|sealed) )*")]
    private static partial Regex Modifier();
}
