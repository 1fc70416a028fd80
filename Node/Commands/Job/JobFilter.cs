using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>The options that say which jobs.</summary>
internal sealed class JobFilter
{
    private readonly Option<string?> _query = Options.Text("--query", "What to look for, such as: state:failed task:report finished<1h", "Q", "-q");
    private readonly Option<string[]> _state = Options.Texts("--state", "Only in this state; may be repeated", "STATE");
    private readonly Option<string?> _task = Options.Text("--task", "Only of this task", "TASK");
    private readonly Option<string?> _queue = Options.Text("--queue", "Only in this queue", "QUEUE");
    private readonly Option<string?> _tag = Options.Text("--tag", "Only with this tag", "TAG");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _query, _state, _task, _queue, _tag }) command.Options.Add(option);
    }

    /// <summary>As parameters of a request; null where not given.</summary>
    public (string Name, string? Value)[] Parameters(ParseResult parsed) =>
    [
        ("q", parsed.GetValue(_query)),
        ("state", parsed.GetValue(_state) is { Length: > 0 } states ? string.Join(',', states) : null),
        ("task", parsed.GetValue(_task)),
        ("queue", parsed.GetValue(_queue)),
        ("tag", parsed.GetValue(_tag)),
    ];
}
