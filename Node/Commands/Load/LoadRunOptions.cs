using System.CommandLine;
using System.Globalization;
using ActorPerf.Configuration;
using ActorPerf.Load;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Node.Commands;

/// <summary>Everything that <c>load run</c> takes.</summary>
internal sealed class LoadRunOptions
{
    private const string AllowHosts = "actorperf:load:allow-hosts";

    public LoadFlags Flags { get; } = new();

    public LoadOutput Output { get; } = new();

    public LoadProcesses Processes { get; } = new();

    public Option<bool> FullHistory { get; } = Options.Flag("--csv-full-history", "The history file has a row for each request, not for all together alone");

    public Option<bool> OnlySummary { get; } = Options.Flag("--only-summary", "Print nothing before the end");

    public Option<string?> SummaryMode { get; } = Options.Word("--summary-mode", "How much is printed at the end: everything, what counts, or nothing; default full", ["full", "compact", "disabled"]);

    public Option<bool> ShowTaskRatio { get; } = Options.Flag("--show-task-ratio", "Print planned and actual shares of the tasks at the end");

    public Option<int?> ExitCodeOnError { get; } = Options.Number("--exit-code-on-error", "Exit code where requests failed; default 1", 0, 255);

    public Option<bool> List { get; } = Options.Flag("--list", "Print the scenarios and end", "-l");

    public Option<bool> NotKept { get; } = Options.Flag("--no-keep", "Leave no report in the folder of actorperf.load.directory");

    /// <summary>There is no page to open here, so it changes nothing: taken for those whose fingers know it.</summary>
    private readonly Option<bool> _headless = Options.Flag("--headless", "As always here: the console's page Load is the one with a form");

    private readonly Option<string[]> _allowHosts = Options.Texts("--allow-host", "Load this host too, though it is not this computer: only if it is yours to load", "HOST");

    public void AddTo(Command command)
    {
        Flags.AddTo(command);
        Output.AddTo(command);
        Processes.AddTo(command);
        foreach (var option in new Option[] { FullHistory, OnlySummary, SummaryMode, ShowTaskRatio, ExitCodeOnError, List, NotKept, _headless, _allowHosts }) command.Options.Add(option);
    }

    /// <summary>The configuration with the hosts that the command line allows besides.</summary>
    public IConfiguration WithAllowed(IConfigurationRoot configuration, ParseResult parsed)
    {
        if (parsed.GetValue(_allowHosts) is not { Length: > 0 } allowed) return configuration;
        // A list of a later layer replaces the whole list, so this one has both.
        var known = OptionsBinder.Bind<LoadOptions>(configuration, "actorperf:load", []).AllowHosts;
        return new ConfigurationBuilder().AddConfiguration(configuration)
            .AddInMemoryCollection(known.Concat(allowed).Select((host, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{AllowHosts}:{i}"), (string?)host))).Build();
    }
}
