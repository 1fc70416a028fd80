using System.Collections.Immutable;

namespace ActorPerf.Configuration;

/// <summary>
/// Settings from the command line: <c>--http:url X</c> and <c>--http:url=X</c> are <c>actorperf:http:url</c>; names under
/// <c>akka</c>, <c>petabridge</c> and <c>actorperf</c> stay where they are.
/// </summary>
public static class CommandLineLayer
{
    private static readonly string[] Roots = ["actorperf", "akka", "petabridge"];

    /// <summary>The settings, and the arguments that are none, in their order.</summary>
    public sealed record Split(SettingTable Settings, ImmutableArray<string> Rest);

    /// <summary>Takes the options whose name holds a colon; all others, and everything behind <c>--</c>, are left.</summary>
    /// <param name="arguments">As the process got them. Where a setting is given twice the last one counts.</param>
    /// <param name="faults">Takes options without value or with an empty level: a usage error.</param>
    public static Split Read(IReadOnlyList<string> arguments, ICollection<ConfigurationFault> faults)
    {
        var table = new SettingTable();
        var rest = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--")
            {
                rest.AddRange(arguments.Skip(i));
                break;
            }
            if (!IsSetting(arguments[i], out var name, out var value))
            {
                rest.Add(arguments[i]);
                continue;
            }
            if (value is null && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal)) value = arguments[++i];
            Add(table, name, value, faults);
        }
        return new Split(table, rest.ToImmutable());
    }

    private static bool IsSetting(string argument, out string name, out string? value)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        name = equals < 0 ? argument : argument[..equals];
        value = equals < 0 ? null : argument[(equals + 1)..];
        if (!name.StartsWith("--", StringComparison.Ordinal) || !name.Contains(':', StringComparison.Ordinal)) return false;
        name = name[2..];
        return true;
    }

    private static void Add(SettingTable table, string name, string? value, ICollection<ConfigurationFault> faults)
    {
        var origin = Origin.Of($"command line --{name}");
        var levels = name.Split(':');
        var key = Roots.Contains(levels[0], StringComparer.OrdinalIgnoreCase) ? name : $"actorperf:{name}";
        if (Array.Exists(levels, level => level.Length == 0))
            faults.Add(new ConfigurationFault(name, $"'--{name}' has an empty level; write names with colons between, as in --http:url http://127.0.0.1:9000.", origin));
        else if (value is null)
            faults.Add(new ConfigurationFault(SettingName.Dotted(key), $"'--{name}' has no value; write --{name} VALUE or --{name}=VALUE.", origin));
        else table.Set(key, value, new SettingOrigin(origin, origin, SettingKind.Text));
    }
}
