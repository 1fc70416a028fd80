namespace ActorPerf.Configuration;

/// <summary>An <c>include</c> statement.</summary>
/// <param name="Name">The file as written, relative to the including one.</param>
/// <param name="Required">Whether the file must exist.</param>
internal sealed record HoconInclude(string Name, bool Required, Origin Origin)
{
    private const string Word = "include";

    /// <summary>Reads <c>include "f"</c>, <c>include file("f")</c>, <c>include required("f")</c> or <c>include required(file("f"))</c>.</summary>
    /// <returns><c>null</c> where something else begins here; nothing is consumed then.</returns>
    public static HoconInclude? TryRead(HoconScanner scan)
    {
        if (!scan.Looking(Word)) return null;
        var origin = scan.Here;
        if (!StartsForm(scan)) return null;
        scan.Skip(Word.Length);
        scan.Blank();
        var required = TryOpen(scan, "required(");
        foreach (var refused in (string[])["url(", "classpath("])
            if (scan.Looking(refused)) throw scan.Fault($"{refused}…) is refused; only files beside or below the configuration can be included: include \"file.hocon\".");
        var file = TryOpen(scan, "file(");
        if (scan.Next != '"') throw scan.Fault("an include names its file in quotes: include \"file.hocon\", or include required(\"file.hocon\").");
        var name = scan.Quoted();
        if (file) Close(scan);
        if (required) Close(scan);
        return new HoconInclude(name, required, origin);
    }

    private static bool StartsForm(HoconScanner scan)
    {
        foreach (var form in (string[])["\"", "required(", "file(", "url(", "classpath("])
            if (scan.LookingBehindBlank(Word.Length, form)) return true;
        return false;
    }

    private static bool TryOpen(HoconScanner scan, string form)
    {
        if (!scan.Looking(form)) return false;
        scan.Skip(form.Length);
        scan.Blank();
        return true;
    }

    private static void Close(HoconScanner scan)
    {
        scan.Blank();
        if (!scan.TrySkip(')')) throw scan.Fault("the include is not closed; add the missing ')'.");
    }
}
