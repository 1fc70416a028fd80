using System.CommandLine;
using System.Text.RegularExpressions;
using ActorPerf.Node.Output;
using ActorPerf.Web.Security;

namespace ActorPerf.Node.Commands;

/// <summary>Makes a key.</summary>
internal static partial class KeyNew
{
    public static Command Create(GlobalOptions globals)
    {
        var name = new Argument<string>("NAME") { Description = "Who will use it; 1 to 64 of a-z 0-9 . _ -" };
        var scopes = Options.Texts("--scopes", "What it allows: read, submit, operate, admin, separated by commas; default read,submit", "SCOPES");
        var namespaces = Options.Texts("--namespaces", "The only namespaces it may name, separated by commas; default any", "NAMES");
        var file = Options.Text("--keys-file", "Add it to this file of http.auth.keys-file too; a running node follows the file", "FILE");
        var command = globals.Command(
            "new", "Makes a key of 256 random bits. Prints the key once on standard output, and on standard error what the configuration keeps of it: a hash.",
            "key new dashboard --scopes read,submit > dashboard.key");
        command.Arguments.Add(name);
        foreach (var option in new Option[] { scopes, namespaces, file }) command.Options.Add(option);
        return command.Runs(globals, (invocation, parsed, _) => Task.FromResult(
            Make(invocation, parsed.GetRequiredValue(name), Split(parsed.GetValue(scopes)), Split(parsed.GetValue(namespaces)), parsed.GetValue(file))));
    }

    private static int Make(Invocation invocation, string name, string[] scopes, string[] namespaces, string? file)
    {
        if (!Name().IsMatch(name)) return invocation.Usage($"'{name}' is no name for a key: 1 to 64 of a-z 0-9 . _ - and a letter or digit first.");
        if (Array.Find(scopes, scope => scope is not ("read" or "submit" or "operate" or "admin")) is { } unknown)
            return invocation.Usage($"'{unknown}' is no scope: use read, submit, operate or admin.");
        if (Array.Find(namespaces, ns => !Name().IsMatch(ns)) is { } strange) return invocation.Usage($"'{strange}' is no namespace.");
        var secret = ApiKey.New();
        var entry = new KeyEntry(name, ApiKey.Hash(secret), scopes.Length > 0 ? scopes : ["read", "submit"], namespaces, "");
        if (file is not null && AddTo(Path.Combine(invocation.Shell.Folder, file), entry) is { } fault) return invocation.Usage(fault);
        Print(invocation, secret, entry, file);
        return ExitCodes.Done;
    }

    private static string? AddTo(string file, KeyEntry entry)
    {
        var keys = File.Exists(file) ? KeysFileText.Read(file) : [];
        if (keys.Any(key => key.Name == entry.Name)) return $"{file} has a key named '{entry.Name}' already. Take it out first, or use another name.";
        KeysFileText.Append(file, entry);
        return null;
    }

    private static void Print(Invocation invocation, string secret, KeyEntry entry, string? file)
    {
        var document = JsonText.Build(json =>
        {
            json.WriteStartObject();
            json.WriteString("name", entry.Name);
            json.WriteString("key", secret);
            json.WriteString("hash", entry.Hash);
            json.WriteString("configuration", entry.AsConfiguration());
            json.WriteString("keysFileLine", entry.AsLine());
            json.WriteEndObject();
        });
        invocation.Printer.Document(document, () => invocation.Printer.Line(secret));
        if (!invocation.Printer.IsTable) return;
        invocation.Shell.Out.Flush();
        invocation.Say("This is the key; it is shown once and kept nowhere. What the node keeps is its hash:");
        if (file is not null)
        {
            invocation.Say($"  added to {file}");
            return;
        }
        invocation.Say("  in akka.hocon, under actorperf.http.auth.keys:");
        invocation.Say($"    {entry.AsConfiguration()}");
        invocation.Say("  or as a line of the file that actorperf.http.auth.keys-file names:");
        invocation.Say($"    {entry.AsLine()}");
    }

    /// <summary>Commas and repeats alike.</summary>
    private static string[] Split(string[]? words) =>
        [.. (words ?? []).SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct()];

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
