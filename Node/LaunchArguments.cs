using ActorPerf.Node.Client;
using ActorPerf.Node.Commands;

namespace ActorPerf.Node;

/// <summary>The arguments sorted: what configures a node, what goes to the command's parser, and whether to serve.</summary>
/// <param name="Serve">No command was named, or <c>serve</c>.</param>
/// <param name="Command">For the parser; with the options all commands share, and without what configures a node.</param>
/// <param name="Configuration">What configures a node, untouched and in order. When serving: everything else that was written.</param>
public sealed record LaunchArguments(bool Serve, IReadOnlyList<string> Command, IReadOnlyList<string> Configuration)
{
    /// <summary>In front of everything else: what follows is read as <c>pbm</c> reads it, and without a command nothing is served. For <c>alias pbm='actorperf pbm'</c>.</summary>
    private const string Inspector = "pbm";

    /// <remarks>A node's options are not known here (their names are the configuration's), so they are told by their
    /// shape, <c>--section:key</c>. What is neither that nor known goes where the first word belongs: to <c>serve</c>,
    /// which refuses what its configuration does not know, or to the command's parser, which does the same.</remarks>
    public static LaunchArguments Sort(IReadOnlyList<string> arguments)
    {
        var asInspector = arguments is [Inspector, ..];
        if (asInspector) arguments = [.. arguments.Skip(1)];
        var command = new List<string>();
        var others = new List<string[]>();          // options not shared by all commands, each with its value
        var parse = asInspector;                    // help, the version, or an option that only commands have; an inspector never serves
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            var isShared = GlobalOptions.Knows(NameOf(argument), out var takesValue);
            if (isShared || IsQuestion(argument))
            {
                parse |= takesValue || !isShared;
                command.Add(argument);
                if (takesValue && !argument.Contains('=') && at + 1 < arguments.Count) command.Add(arguments[++at]);
            }
            else if (argument.StartsWith('-')) others.Add(TakeOption(arguments, ref at));
            else if (NodeAddress.LooksLike(argument)) command.AddRange(["--node", argument]);
            else if (argument == "serve") return Serving(command, parse, others, [.. arguments.Skip(at + 1)]);
            else return Commanding(command, others, [.. arguments.Skip(at)]);
        }
        return new(!parse && !command.Contains("--node"), command, [.. others.SelectMany(option => option)]);
    }

    private static LaunchArguments Serving(List<string> command, bool parse, List<string[]> others, IReadOnlyList<string> rest) =>
        parse || rest.Any(IsQuestion)
            ? new(false, [.. command, "serve", .. rest.Where(IsQuestion)], [])
            : new(true, command, [.. others.SelectMany(option => option), .. rest.Where(argument => argument != "--no-color")]);

    /// <summary>From the command's word on, what configures a node may stand anywhere before <c>--</c>.</summary>
    private static LaunchArguments Commanding(List<string> command, List<string[]> others, IReadOnlyList<string> rest)
    {
        var configuration = others.Where(option => ConfiguresNode(option[0])).SelectMany(option => option).ToList();
        command.AddRange(others.Where(option => !ConfiguresNode(option[0])).SelectMany(option => option));   // the parser refuses them
        var end = rest.TakeWhile(argument => argument != "--").Count();
        for (var at = 0; at < end; at++)
        {
            if (ConfiguresNode(rest[at])) configuration.AddRange(TakeOption(rest, ref at));
            else command.Add(rest[at]);
        }
        return new(false, [.. command, .. rest.Skip(end)], configuration);
    }

    /// <summary>An option with its value, where it is one that has a value and the value is there.</summary>
    private static string[] TakeOption(IReadOnlyList<string> arguments, ref int at)
    {
        var option = arguments[at];
        var valued = ConfiguresNode(option) && !option.Contains('=') && at + 1 < arguments.Count
            && !arguments[at + 1].StartsWith("--", StringComparison.Ordinal);
        return valued ? [option, arguments[++at]] : [option];
    }

    private static readonly System.Buffers.SearchValues<char> NeverInNames = System.Buffers.SearchValues.Create(" \"'{}/");

    private static bool IsQuestion(string argument) => argument is "-h" or "-?" or "--help" or "--version";

    private static bool ConfiguresNode(string argument)
    {
        var name = NameOf(argument);
        return name is "--config" or "--nodes"
            || (name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':') && !name.AsSpan(2).ContainsAny(NeverInNames));
    }

    private static string NameOf(string argument) => argument.Split('=')[0];
}
