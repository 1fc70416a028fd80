using System.CommandLine;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>The options that every command takes, and the surroundings in which it runs.</summary>
/// <param name="configuration">What configures a node, found among the arguments; only some commands take it.</param>
internal sealed class GlobalOptions(Shell shell, IReadOnlyList<string> configuration)
{
    public const string UrlVariable = "ACTORPERF_URL";
    public const string KeyVariable = "ACTORPERF_KEY";

    /// <summary>How long one request may take, where nothing else is said.</summary>
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(30);

    private readonly Option<string?> _node = Options.Text("--node", $"The node to ask; else ${UrlVariable}, else {NodeAddress.Default}", "URL or host:port");
    private readonly Option<string?> _keyFile = Options.Text("--key-file", $"File that holds the key; else ${KeyVariable}", "FILE");
    private readonly Option<string?> _namespace = Options.Header("--namespace", "Whose jobs and cache entries; else the node's default", "NS");
    private readonly Option<string?> _output = Options.Word("--output", "How data is printed; default table", ["table", "json", "ndjson"], "-o");
    private readonly Option<TimeSpan?> _watch = Options.Duration("--watch", "Print again every so often, until Ctrl-C");
    private readonly Option<TimeSpan?> _timeout = Options.Duration("--timeout", "How long to wait for an answer; default 30s, and no limit for commands that wait");
    private readonly Option<bool> _all = Options.Flag("--all", "Ask every member that the node knows, and say of each line whose it is");
    private readonly Option<bool> _noColor = Options.Flag("--no-color", "No control sequences, even on a terminal");

    public Shell Shell => shell;

    public IReadOnlyList<string> Configuration => configuration;

    public IReadOnlyList<Option> All => [_node, _keyFile, _namespace, _output, _watch, _timeout, _all, _noColor];

    /// <summary>Names of the options that take a value, and of those that do not.</summary>
    public static bool Knows(string name, out bool takesValue)
    {
        takesValue = name is "--node" or "--key-file" or "--namespace" or "--output" or "-o" or "--watch" or "--timeout";
        return takesValue || name is "--no-color" or "--all";
    }

    /// <summary>What was asked for, for a command to run with; null and a message where it cannot be.</summary>
    /// <param name="node">Whom to ask instead of the node that was named.</param>
    public Invocation? Read(ParseResult parsed, TextWriter output, out string? fault, string? node = null)
    {
        var format = parsed.GetValue(_output) switch { "json" => OutputFormat.Json, "ndjson" => OutputFormat.Ndjson, _ => OutputFormat.Table };
        var timeout = parsed.GetValue(_timeout);
        if (!NodeAddress.TryParse(node ?? Given(parsed.GetValue(_node), UrlVariable) ?? NodeAddress.Default.ToString(), out var address, out fault)) return null;
        if (!TryReadKey(parsed.GetValue(_keyFile), out var key, out fault)) return null;
        var around = parsed.GetValue(_noColor) ? shell with { Ansi = false } : shell;
        return new Invocation(
            around with { Out = output }, new NodeClient(address, key, parsed.GetValue(_namespace), timeout ?? DefaultPatience, around.Time),
            new Printer(output, format, around.OutIsTerminal ? around.Width : null))
        {
            Timeout = timeout,
            Key = key,
            Watch = parsed.GetValue(_watch),
            All = parsed.GetValue(_all),
            Configuration = configuration,
        };
    }

    private string? Given(string? option, string variable) =>
        option ?? (shell.Environment.GetValueOrDefault(variable) is { Length: > 0 } value ? value : null);

    /// <summary>A key given as an argument would be readable by every user of the machine, so there is no such option.</summary>
    private bool TryReadKey(string? file, out string? key, out string? fault)
    {
        fault = null;
        key = null;
        try
        {
            key = file is null ? Given(null, KeyVariable)?.Trim() : File.ReadAllText(Path.Combine(shell.Folder, file)).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            fault = $"The key file cannot be read: {unreadable.Message}";
            return false;
        }
        if (key is not null && (key.Length is 0 or > 4096 || key.Any(character => character is <= ' ' or > '~')))
            fault = $"{(file is null ? KeyVariable : file)} holds no key: a key is one line of printable ASCII characters.";
        return fault is null;
    }
}
