using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Takes a key out of the keys file; of one in the configuration itself it says where to take it out.</summary>
/// <remarks>A configuration is written by people, with comments and substitutions: no program edits it.</remarks>
internal static class KeyRevoke
{
    public static Command Create(GlobalOptions globals)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the key" };
        var file = Options.Text("--keys-file", "Take it out of this keys file", "FILE");
        var command = globals.Command(
            "revoke", "Takes a key out of the keys file, which a running node follows. For a key in akka.hocon itself it names the line to take out, and exits 1.",
            "key revoke dashboard --keys-file keys");
        command.Arguments.Add(name);
        command.Options.Add(file);
        return command.Runs(globals, Takes.Configuration, (invocation, parsed, _) => Task.FromResult(KeySource.Use(
            invocation, parsed.GetValue(file), source => Revoke(parsed.GetRequiredValue(name), source, invocation))));
    }

    private static int Revoke(string name, KeySource source, Invocation invocation)
    {
        var removed = source.File is { } file ? KeysFileText.Remove(file, name) : 0;
        if (removed > 0) invocation.Say($"'{name}' is out of {source.File}; a running node refuses it within a second.");
        var left = source.Keys.Where(key => key.Name == name && !IsIn(key, source.File)).ToArray();
        foreach (var key in left) invocation.Say($"Take '{name}' out by hand at {key.Where}; a running node refuses it within seconds: {key.AsConfiguration()}");
        if (left.Length > 0) return ExitCodes.Refused;
        if (removed > 0) return ExitCodes.Done;
        invocation.Say($"There is no key '{name}'. See: {invocation.Shell.StartedAs} key list");
        return ExitCodes.NotFound;
    }

    private static bool IsIn(KeyEntry key, string? file) => file is not null && key.Where.StartsWith(file + ":", StringComparison.Ordinal);
}
