using System.Text;

namespace ActorPerf.Configuration;

/// <summary>Reads one text into nodes. Recursion is bounded by <see cref="HoconLimits.MaxDepth"/>.</summary>
/// <param name="text">The whole file, without byte order mark.</param>
/// <param name="source">The file's name for messages.</param>
/// <param name="files">Reads included files; <c>null</c> where including is not possible.</param>
internal sealed class HoconParser(string text, string source, HoconFiles? files)
{
    private readonly HoconScanner _scan = new(text, source);
    private readonly List<string> _path = [];      // of the object being read, from the root of all files
    private string[] _prefix = [];
    private int _depth;
    private int _insideLists;

    /// <summary>Reads the text as the fields of an object.</summary>
    /// <param name="target">Takes the fields; it may already hold some.</param>
    /// <param name="prefix">The path at which an including file said <c>include</c>; empty for the first file.</param>
    /// <param name="depth">Levels already open.</param>
    public void ReadInto(HoconNode.Object target, IReadOnlyCollection<string> prefix, int depth)
    {
        _prefix = [.. prefix];
        _path.AddRange(prefix);
        _depth = depth;
        if (text.AsSpan().Trim().IsEmpty)
            throw _scan.Fault("the file is empty; write settings into it, or {} where it is meant to hold none.");
        _scan.BlankLines();
        if (_scan.Next == '[') throw _scan.Fault("the file is a list; a configuration is an object of settings, such as a = 1.");
        if (_scan.Next == '{')
        {
            Fields(target, braced: true);
            _scan.BlankLines();
            if (!_scan.AtEnd) throw _scan.Fault($"{_scan.Shown} follows the closing brace of the file; remove it, or move it inside the braces.");
        }
        else
        {
            Fields(target, braced: false);
        }
    }

    private void Fields(HoconNode.Object target, bool braced)
    {
        var opened = _scan.Here;
        if (braced) _scan.Skip();
        Deeper(opened);
        _scan.BlankLines();
        while (!EndOfFields(braced, opened))
        {
            if (!TryInclude(target)) Field(target);
            var newLine = _scan.BlankLines();
            var comma = _scan.TrySkip(',');
            if (comma) _scan.BlankLines();
            else if (!newLine && !_scan.AtEnd && _scan.Next != '}')
                throw _scan.Fault($"{_scan.Shown} follows a setting on the same line; put a comma or a new line between settings.");
        }
        _depth--;
    }

    private bool EndOfFields(bool braced, Origin opened)
    {
        if (_scan.AtEnd)
            return !braced ? true : throw new HoconException(opened, "the brace opened here is never closed; add the missing '}'.");
        if (_scan.Next != '}') return false;
        if (!braced) throw _scan.Fault("this '}' closes nothing; remove it, or add the '{' it belongs to.");
        _scan.Skip();
        return true;
    }

    private void Field(HoconNode.Object target)
    {
        var key = Path("a key");
        Deeper(key[0].Origin, key.Count - 1);
        var fieldOf = target;
        foreach (var element in key.SkipLast(1)) fieldOf = fieldOf.Field(element.Name).Open(element.Origin);
        _path.AddRange(key.Select(element => element.Name));
        fieldOf.Field(key[^1].Name).Define(new HoconDefinition(key[^1].Origin, Definition(key)));
        _path.RemoveRange(_path.Count - key.Count, key.Count);
        _depth -= key.Count - 1;
    }

    private HoconNode Definition(List<PathElement> key)
    {
        var afterKey = _scan.Here;
        _scan.BlankLines();
        if (_scan.Next == '{') return Value("the key");
        var append = _scan.Looking("+=");
        if (append) _scan.Skip(2);
        else if (!_scan.TrySkip('=') && !_scan.TrySkip(':'))
            throw new HoconException(afterKey, key[0].Name.StartsWith("include ", StringComparison.Ordinal)
                ? "an include names its file in quotes: include \"file.hocon\", or include required(\"file.hocon\")."
                : $"the key {Spelled(key)} has no value; write = and a value, or {{ and settings, behind it.");
        _scan.BlankLines();
        if (!append) return Value(Spelled(key));
        var appended = new HoconNode.Append(_scan.Here);
        _insideLists++;
        appended.Add(Value(Spelled(key)));
        _insideLists--;
        return appended;
    }

    /// <summary>One value, or several side by side on a line, which are joined.</summary>
    private HoconNode Value(string owner)
    {
        var origin = _scan.Here;
        var parts = new List<HoconNode>();
        while (true)
        {
            var blankAt = _scan.Here;
            var blank = _scan.Blank();
            if (_scan.AtEnd || _scan.AtComment || _scan.Next is '\n' or ',' or '}' or ']') break;
            if (blank.Length > 0 && parts.Count > 0) parts.Add(new HoconNode.Blank(blank, blankAt));
            parts.Add(Part());
        }
        return parts.Count switch
        {
            0 => throw new HoconException(origin, $"{owner} has no value; write one, or \"\" for an empty text."),
            1 => parts[0],
            _ when parts.TrueForAll(part => part is HoconNode.Text or HoconNode.Blank or HoconNode.Null) => new HoconNode.Text(string.Concat(parts.Select(Written)), origin),
            _ => new HoconNode.Join(parts, origin),
        };
    }

    private static string Written(HoconNode part) => part switch
    {
        HoconNode.Text some => some.Value.Value,
        HoconNode.Blank blank => blank.Value,
        _ => "null",
    };

    private HoconNode Part()
    {
        var origin = _scan.Here;
        switch (_scan.Next)
        {
            case '{':
                var inner = new HoconNode.Object(origin);
                Fields(inner, braced: true);
                return inner;
            case '[': return List(origin);
            case '"': return new HoconNode.Text(_scan.Quoted(), origin);
            case '$': return Reference(origin);
            default:
                var word = _scan.Word();
                if (word.Length > 0) return word == "null" ? new HoconNode.Null(origin) : new HoconNode.Text(word, origin);
                throw _scan.Fault(_scan.Next is '=' or ':'
                    ? $"{_scan.Shown} inside a value; put the value in quotes, or a comma or new line before the next setting."
                    : $"{_scan.Shown} cannot stand in a value without quotes; put the value in quotes.");
        }
    }

    private HoconNode.List List(Origin origin)
    {
        _scan.Skip();
        Deeper(origin);
        _insideLists++;
        var list = new HoconNode.List(origin);
        _scan.BlankLines();
        while (!_scan.TrySkip(']'))
        {
            if (_scan.AtEnd) throw new HoconException(origin, "the bracket opened here is never closed; add the missing ']'.");
            list.Add(Value("a list element"));
            var newLine = _scan.BlankLines();
            if (_scan.TrySkip(',')) _scan.BlankLines();
            else if (!newLine && !_scan.AtEnd && _scan.Next != ']')
                throw _scan.Fault($"{_scan.Shown} follows a list element; put a comma or a new line between elements, and ']' behind the last.");
        }
        _insideLists--;
        _depth--;
        return list;
    }

    private HoconNode.Reference Reference(Origin origin)
    {
        if (!_scan.Looking("${")) throw _scan.Fault("'$' begins a substitution such as ${a.b}; put the value in quotes where a dollar sign is meant.");
        _scan.Skip(2);
        var optional = _scan.TrySkip('?');
        var path = Path("a substitution");
        _scan.Blank();
        if (!_scan.TrySkip('}')) throw new HoconException(origin, "the substitution opened here is not closed; write it as ${path} or ${?path} on one line.");
        return new HoconNode.Reference([.. path.Select(element => element.Name)], _prefix, optional, origin);
    }

    private readonly record struct PathElement(string Name, Origin Origin);

    /// <summary>Names with dots between; quoted parts are taken as they are, white space inside a name belongs to it.</summary>
    private List<PathElement> Path(string what)
    {
        var elements = new List<PathElement>();
        do
        {
            _scan.Blank();
            elements.Add(Element(what));
            if (_depth + elements.Count > HoconLimits.MaxDepth) throw TooDeep(elements[^1].Origin);
        }
        while (_scan.TrySkip('.'));
        return elements;
    }

    private PathElement Element(string what)
    {
        var origin = _scan.Here;
        var name = new StringBuilder();
        var blank = "";
        var seen = false;
        while (true)
        {
            string part;
            if (_scan.Next == '"')
            {
                part = _scan.Quoted();
            }
            else
            {
                part = _scan.Word(stopAtDot: true);
                if (part.Length == 0) break;
            }
            name.Append(blank).Append(part);
            seen = true;
            blank = _scan.Blank();
        }
        if (seen) return new PathElement(name.ToString(), origin);
        throw _scan.Next is '.' or '=' or ':' or '}' or '{' or ','
            ? new HoconException(origin, $"{what} has an empty name before {_scan.Shown}; write a name, in quotes where it holds special characters.")
            : new HoconException(origin, $"{_scan.Shown} cannot stand in {what}; put the name in quotes.");
    }

    private static string Spelled(List<PathElement> key) => $"'{string.Join('.', key.Select(element => element.Name))}'";

    private bool TryInclude(HoconNode.Object target)
    {
        var include = HoconInclude.TryRead(_scan);
        if (include is null) return false;
        if (files is null) throw new HoconException(include.Origin, "include needs a file that includes; this text is not one. Put the settings here instead.");
        files.Include(include, target, _insideLists > 0 ? [] : _path, _depth);
        return true;
    }

    private void Deeper(Origin origin, int levels = 1)
    {
        _depth += levels;
        if (_depth > HoconLimits.MaxDepth) throw TooDeep(origin);
    }

    private static HoconException TooDeep(Origin origin) =>
        new(origin, $"more than {HoconLimits.MaxDepth} levels of objects, lists and path elements; flatten the settings.");
}
