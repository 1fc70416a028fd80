using System.CommandLine;
using System.Globalization;
using ActorPerf.Load.Plans;

namespace ActorPerf.Node.Commands;

/// <summary>What to run, in Locust's flags and, where Locust has none, in k6's.</summary>
internal sealed class LoadFlags
{
    private readonly Argument<string?> _scenario = new("SCENARIO") { Description = "A scenario: one that ships (compute, submit, submit-and-wait, events, batch), or one of the configuration", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _host = Options.Text("--host", "The target; else the node that --node names", "URL", "-H");
    private readonly Option<string?> _users = Options.Text("--users", "Users at once; default 1", "N", "-u", "--vus");
    private readonly Option<string?> _spawnRate = Options.Text("--spawn-rate", "Users that come a second; default 1", "N", "-r");
    private readonly Option<string?> _runTime = Options.Text("--run-time", "How long, warm-up included, such as 300s, 20m, 1h30m; default 1m", "TIME", "-t", "--duration");
    private readonly Option<string[]> _tags = Several("--tags", "Only tasks with one of these tags", "TAG", "-T");
    private readonly Option<string[]> _excludeTags = Several("--exclude-tags", "No task with one of these tags", "TAG", "-E");
    private readonly Option<bool> _equalWeights = Options.Flag("--equal-weights", "All tasks and kinds of users are equally likely");
    private readonly Option<bool> _watchTarget = Options.Flag("--watch-target", "The target is an ActorPerf node: its queues and compute actors stand in the report; for the scenarios that ship always");
    private readonly Option<string?> _stopTimeout = Options.Text("--stop-timeout", "How long users may go on at the end; default 5s", "TIME", "-s");
    private readonly Option<string?> _rate = Options.Text("--rate", "Iterations that start in a time unit, whether earlier ones were answered or not", "N");
    private readonly Option<string?> _timeUnit = Options.Text("--time-unit", "The time unit of --rate; default 1s", "TIME");
    private readonly Option<string?> _preAllocated = Options.Text("--pre-allocated-vus", "Users made before a run with a rate starts", "N");
    private readonly Option<string?> _maxUsers = Options.Text("--max-vus", "The most users of a run with a rate; default 1000", "N");
    private readonly Option<string[]> _stages = Options.Texts("--stage", "Where users, or the rate, go and how long it takes, such as 30s:100; several follow each other", "TIME:TARGET");
    private readonly Option<string?> _executor = Options.Word("--executor", "The model in k6's words; else it follows from the other options", [.. LoadExecutor.Names]);
    private readonly Option<string?> _iterations = Options.Text("--iterations", "Iterations that all users together make, or each with --executor per-vu-iterations", "N", "-i");
    private readonly Option<string[]> _thresholds = Options.Texts("--threshold", "What must hold, such as 'http_req_duration:p(95)<200' or 'http_req_failed:rate<0.01 abort after 10s'", "CONDITION");
    private readonly Option<string?> _warmUp = Options.Text("--warmup", "The first part of the run, which does not count", "TIME");
    private readonly Option<string?> _seed = Options.Text("--seed", "Decides every choice of the users; the same seed, the same choices", "N");
    private readonly Option<string?> _maxRequests = Options.Text("--max-requests", "No further request after so many", "N");
    private readonly Option<string?> _requestTimeout = Options.Text("--request-timeout", "A longer request is a failure; default 60s", "TIME");
    private readonly Option<string[]> _variables = Options.Texts("--var", "A value for the scenario's templates", "NAME=VALUE");
    private readonly Option<string?> _label = Options.Text("--label", "What to call the run", "TEXT");

    public void AddTo(Command command)
    {
        command.Arguments.Add(_scenario);
        foreach (var option in new Option[]
                 {
                     _host, _users, _spawnRate, _runTime, _tags, _excludeTags, _equalWeights, _watchTarget, _stopTimeout, _rate, _timeUnit, _preAllocated, _maxUsers, _stages, _executor,
                     _iterations, _thresholds, _warmUp, _seed, _maxRequests, _requestTimeout, _variables, _label,
                 }) command.Options.Add(option);
    }

    /// <summary>The draft of a plan.</summary>
    /// <param name="node">The target where none is named.</param>
    /// <param name="fault">What does not fit together; null when all does.</param>
    public LoadDraft Read(ParseResult parsed, Uri node, out string? fault)
    {
        var draft = new LoadDraft()
            .Add("scenario", parsed.GetValue(_scenario)).Add("host", parsed.GetValue(_host) ?? node.ToString())
            .Add("users", parsed.GetValue(_users)).Add("spawnRate", parsed.GetValue(_spawnRate)).Add("runTime", parsed.GetValue(_runTime))
            .AddAll("tags", parsed.GetValue(_tags) ?? []).AddAll("excludeTags", parsed.GetValue(_excludeTags) ?? []).Add("equalWeights", parsed.GetValue(_equalWeights) ? "true" : null)
            .Add("watchTarget", parsed.GetValue(_watchTarget) ? "true" : null)
            .Add("stopTimeout", parsed.GetValue(_stopTimeout)).Add("rate", parsed.GetValue(_rate)).Add("timeUnit", parsed.GetValue(_timeUnit))
            .Add("preAllocatedUsers", parsed.GetValue(_preAllocated)).Add("maxUsers", parsed.GetValue(_maxUsers)).AddAll("stages", parsed.GetValue(_stages) ?? [])
            .AddAll("thresholds", parsed.GetValue(_thresholds) ?? []).Add("warmUp", parsed.GetValue(_warmUp)).Add("seed", parsed.GetValue(_seed))
            .Add("maxRequests", parsed.GetValue(_maxRequests)).Add("requestTimeout", parsed.GetValue(_requestTimeout)).AddAll("variables", parsed.GetValue(_variables) ?? [])
            .Add("label", parsed.GetValue(_label));
        var (executor, iterations) = (parsed.GetValue(_executor), parsed.GetValue(_iterations));
        fault = executor is not null ? LoadExecutor.Apply(draft, executor, iterations) : null;
        if (executor is null) draft.Add("iterations", iterations);
        return draft;
    }

    /// <summary>The flag that a pointer into a plan means.</summary>
    public string FlagOf(string pointer)
    {
        var parts = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (parts.FirstOrDefault(static part => part != "model") ?? "") switch
        {
            "scenario" => "SCENARIO",
            "users" => _users.Name,
            "spawnRate" => _spawnRate.Name,
            "runTime" => _runTime.Name,
            "excludeTags" => _excludeTags.Name,
            "stopTimeout" => _stopTimeout.Name,
            "timeUnit" => _timeUnit.Name,
            "preAllocatedUsers" => _preAllocated.Name,
            "maxUsers" => _maxUsers.Name,
            "stages" => _stages.Name,
            "iterations" or "iterationsPerUser" => _iterations.Name,
            "thresholds" => _thresholds.Name,
            "warmUp" => _warmUp.Name,
            "maxRequests" => _maxRequests.Name,
            "requestTimeout" => _requestTimeout.Name,
            "variables" => _variables.Name,
            "" => "",
            var same => string.Create(CultureInfo.InvariantCulture, $"--{same}"),
        };
    }

    /// <summary>Locust takes several tags behind one flag.</summary>
    private static Option<string[]> Several(string name, string description, string helpName, params string[] aliases)
    {
        var option = Options.Texts(name, description, helpName, aliases);
        option.AllowMultipleArgumentsPerToken = true;
        return option;
    }
}
