using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace ActorPerf.Load;

/// <summary>How a value is written where it goes.</summary>
internal enum LoadEscaping
{
    None,

    /// <summary>As a part of a path or query.</summary>
    Url,

    /// <summary>As the inside of a JSON string, which a number is too.</summary>
    Json,
}

/// <summary>Text with places for values: <c>{{name}}</c>, escaped for where it stands, and <c>{{{name}}}</c>, as it is. Immutable.</summary>
/// <remarks>A name is a variable (what the user learnt, then the plan's, then the scenario's), a column of a file (<c>users.id</c>), or one of
/// <see cref="Functions"/>. A variable's value is a template itself, up to <see cref="MaxDepth"/> deep.</remarks>
internal sealed partial class LoadTemplate
{
    /// <summary>Values within values.</summary>
    public const int MaxDepth = 4;

    private readonly List<Part> _parts = [];

    private LoadTemplate(string text) => Text = text;

    /// <summary>What is made by itself.</summary>
    public static IReadOnlyList<string> Functions { get; } = ["$random(least,most)", "$uuid", "$user", "$iteration", "$now", "$pick(a|b|c)"];

    public string Text { get; }

    /// <summary>It is always the same text.</summary>
    public bool IsFixed => _parts.All(static part => part.Name is null);

    /// <summary>The names it asks for.</summary>
    public IEnumerable<string> Names => _parts.Select(static part => part.Name).OfType<string>();

    public static LoadTemplate Parse(string text)
    {
        var template = new LoadTemplate(text);
        var at = 0;
        foreach (Match match in Place().Matches(text))
        {
            if (match.Index > at) template._parts.Add(new Part(text[at..match.Index], null, false));
            var name = match.Groups["name"].Value.Trim();
            template._parts.Add(new Part("", name, match.Value.StartsWith("{{{", StringComparison.Ordinal)) { Range = Range(name), Choices = Choices(name) });
            at = match.Index + match.Length;
        }
        if (at < text.Length || text.Length == 0) template._parts.Add(new Part(text[at..], null, false));
        return template;
    }

    /// <summary>What is wrong with a function's name; null for one that is right, and for what is none.</summary>
    public static string? FunctionFault(string name) =>
        !name.StartsWith('$') || name is "$uuid" or "$user" or "$iteration" or "$now" || Choices(name) is not null || Range(name) is not null ? null
            : $"'{name}' is no function: there are {string.Join(", ", Functions)}";

    /// <exception cref="FormatException">A name has no value.</exception>
    public string Render(LoadSession session, LoadEscaping escaping, int depth = 0)
    {
        if (_parts is [{ Name: null } whole]) return whole.Text;
        if (depth > MaxDepth) throw new FormatException($"Values within values are more than {MaxDepth} deep at '{Text}'.");
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            if (part.Name is null) text.Append(part.Text);
            else if (part.Range is var (least, most)) text.Append(CultureInfo.InvariantCulture, $"{session.Random.NextInt64(least, most + 1)}");
            else text.Append(Escape(Value(session, part, depth), part.IsRaw ? LoadEscaping.None : escaping));
        }
        return text.ToString();
    }

    private static string Escape(string value, LoadEscaping escaping) => escaping switch
    {
        LoadEscaping.Url => Uri.EscapeDataString(value),
        LoadEscaping.Json => JavaScriptEncoder.Default.Encode(value),
        _ => value,
    };

    private static string Value(LoadSession session, Part part, int depth)
    {
        var name = part.Name!;
        if (part.Choices is { } choices) return choices[session.Random.Next(choices.Length)];
        if (name.StartsWith('$')) return Function(session, name);
        if (session.Variables.TryGetValue(name, out var learnt)) return learnt;
        if (session.Run.Plan.Variables.TryGetValue(name, out var given)) return session.Run.TemplateOf(given).Render(session, LoadEscaping.None, depth + 1);
        if (session.Run.Scenario.Variables.TryGetValue(name, out var set)) return session.Run.TemplateOf(set).Render(session, LoadEscaping.None, depth + 1);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && session.Rows.TryGetValue(name[..dot], out var row) && session.Run.Tables[name[..dot]].Value(row, name[(dot + 1)..]) is { } found) return found;
        throw new FormatException($"'{name}' has no value yet: a request extracts it, the scenario's or the run's variables set it, or a file has it as a column.");
    }

    private static string Function(LoadSession session, string name) => name switch
    {
        "$uuid" => Uuid(session.Random),
        "$user" => session.User.ToString(CultureInfo.InvariantCulture),
        "$iteration" => session.Iteration.ToString(CultureInfo.InvariantCulture),
        "$now" => session.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        _ => throw new FormatException($"'{name}' is no function: there are {string.Join(", ", Functions)}."),
    };

    private static string[]? Choices(string name) => name.StartsWith("$pick(", StringComparison.Ordinal) && name.EndsWith(')') ? name[6..^1].Split('|') : null;

    /// <summary>Of the user's chance, so that a seed repeats it.</summary>
    private static string Uuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x40);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private static (long Least, long Most)? Range(string name)
    {
        var match = RandomFunction().Match(name);
        return match.Success
            && long.TryParse(match.Groups["least"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var least)
            && long.TryParse(match.Groups["most"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var most)
            && least <= most && most < long.MaxValue ? (least, most) : null;
    }

    private readonly record struct Part(string Text, string? Name, bool IsRaw)
    {
        /// <summary>Of a number by chance.</summary>
        public (long Least, long Most)? Range { get; init; }

        /// <summary>Of a choice by chance.</summary>
        public string[]? Choices { get; init; }
    }

    [GeneratedRegex(@"\{\{\{(?<name>[^{}]{1,200})\}\}\}|\{\{(?<name>[^{}]{1,200})\}\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    [GeneratedRegex(@"^\$random\(\s*(?<least>-?\d{1,18})\s*,\s*(?<most>-?\d{1,18})\s*\)$", RegexOptions.ExplicitCapture)]
    private static partial Regex RandomFunction();
}
