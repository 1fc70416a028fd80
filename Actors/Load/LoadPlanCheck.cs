using System.Globalization;
using System.Net;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>Holds plans to their bounds: a run always ends, and goes nowhere it may not. Pure.</summary>
public static class LoadPlanCheck
{
    private const int MaxStages = 100;
    private const int MaxWords = 100;
    private const int MaxVariableLength = 64 * 1024;
    private const double MaxRate = 1_000_000;

    /// <summary>Less is as good as none, and what follows from it no longer a time.</summary>
    private const double MinRate = 1e-6;
    private static readonly TimeSpan MaxStopTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MaxTimeUnit = TimeSpan.FromDays(1);

    /// <summary>Everything that is wrong with a plan; each pointer names a member (<c>/model/users</c>).</summary>
    /// <param name="scenario">The one that the plan names; null where there is none.</param>
    /// <param name="known">Names of all scenarios, for the message.</param>
    public static IReadOnlyList<FieldFault> Faults(LoadPlan plan, LoadScenario? scenario, IReadOnlyList<string> known, LoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var faults = new List<FieldFault>();
        if (scenario is null)
            faults.Add(new("/scenario", $"There is no scenario '{plan.Scenario}'.{(TaskNames.Nearest(plan.Scenario, known) is { } nearest ? $" Did you mean '{nearest}'?" : "")} There are {string.Join(", ", known)}."));
        else if (!scenario.Users.Any(user => LoadChoice.Tasks(user, plan).Count > 0))
            faults.Add(new("/tags", $"No task of '{scenario.Name}' is left by these tags. Its tags are {Listed(scenario.Users.SelectMany(static user => user.Tasks).SelectMany(static task => task.Tags).Distinct())}."));
        if (HostFault(plan.Host, options) is { } host) faults.Add(new("/host", host));
        Within(faults, "/runTime", plan.RunTime, TimeSpan.FromMilliseconds(1), options.MaxRunTime, "actorperf.load.max-run-time is the most");
        var whole = WholeTime(plan);
        if (plan.WarmUp < TimeSpan.Zero || plan.WarmUp >= whole && plan.WarmUp > TimeSpan.Zero)
            faults.Add(new("/warmUp", $"The warm-up of {Durations.Format(plan.WarmUp)} leaves nothing of a run of {Durations.Format(whole)}. Make it shorter, or the run longer."));
        Within(faults, "/stopTimeout", plan.StopTimeout, TimeSpan.Zero, MaxStopTimeout, null);
        Within(faults, "/requestTimeout", plan.RequestTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), null);
        if (plan.MaxRequests is { } requests) Within(faults, "/maxRequests", requests, 1, options.MaxRequests, "actorperf.load.max-requests is the most");
        if (plan.Label.Length > LoadPlan.MaxLabelLength) faults.Add(new("/label", $"At most {LoadPlan.MaxLabelLength} characters."));
        if (plan.Thresholds.Count > LoadThreshold.MaxThresholds) faults.Add(new("/thresholds", $"{plan.Thresholds.Count} thresholds; at most {LoadThreshold.MaxThresholds}."));
        if (plan.Key is { } key && key.Any(static c => c is <= ' ' or > '~')) faults.Add(new("/key", "A key is printable ASCII without spaces."));
        if (plan.Tags.Count > MaxWords || plan.ExcludeTags.Count > MaxWords) faults.Add(new("/tags", $"At most {MaxWords} tags."));
        if (plan.Variables.Count > MaxWords || plan.Variables.Values.Any(static value => value.Length > MaxVariableLength))
            faults.Add(new("/variables", $"At most {MaxWords} variables, each of at most {MaxVariableLength} characters."));
        switch (plan.Model)
        {
            case LoadModel.Closed closed: Check(faults, closed, options); break;
            case LoadModel.Open open: Check(faults, open, options); break;
        }
        return faults;
    }

    /// <summary>What is wrong with a change to a run; pointers name members of <see cref="LoadEdit"/>.</summary>
    public static IReadOnlyList<FieldFault> Faults(LoadEdit edit, LoadPlan plan, LoadOptions options)
    {
        ArgumentNullException.ThrowIfNull(edit);
        ArgumentNullException.ThrowIfNull(plan);
        var faults = new List<FieldFault>();
        var open = plan.Model is LoadModel.Open;
        if (edit.Users is { } users)
        {
            if (open) faults.Add(new("/users", "This run follows a rate: change 'rate', not users."));
            else Within(faults, "/users", users, 0, options.MaxUsers, "actorperf.load.max-users is the most");
        }
        if (edit.SpawnRate is { } spawn)
        {
            if (open) faults.Add(new("/spawnRate", "This run follows a rate: change 'rate', not users."));
            else CheckRate(faults, "/spawnRate", spawn, zero: false);
        }
        if (edit.Rate is { } rate)
        {
            if (!open) faults.Add(new("/rate", "This run has users: change 'users', not a rate."));
            else CheckRate(faults, "/rate", rate, zero: true);
        }
        if (edit.RunTime is { } time) Within(faults, "/runTime", time, plan.WarmUp + TimeSpan.FromMilliseconds(1), options.MaxRunTime, "the warm-up is over by then, and actorperf.load.max-run-time is the most");
        return faults;
    }

    /// <summary>Whether a target may be tested without being named: it is this computer.</summary>
    public static bool IsLoopback(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.IdnHost, out var address) && IPAddress.IsLoopback(address);
    }

    /// <summary>When a plan is over at the latest: its stages may be before its time is.</summary>
    private static TimeSpan WholeTime(LoadPlan plan)
    {
        IReadOnlyList<LoadStage> stages = plan.Model switch
        {
            LoadModel.Closed closed => closed.Stages,
            LoadModel.Open open => open.Stages,
            _ => [],
        };
        var seconds = stages.Sum(static stage => stage.Duration.TotalSeconds);
        return stages.Count > 0 && seconds < plan.RunTime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : plan.RunTime;
    }

    private static string? HostFault(Uri host, LoadOptions options)
    {
        if (!host.IsAbsoluteUri || host.Scheme is not ("http" or "https") || host.IdnHost.Length == 0)
            return $"'{host}' is no target: write http://HOST:PORT.";
        if (host.UserInfo.Length > 0 || host.Query.Length > 0 || host.Fragment.Length > 0) return "A target has no user, query or fragment.";
        if (IsLoopback(host) || options.AllowHosts.Any(allowed => Matches(allowed, host))) return null;
        return $"{host.IdnHost} is not this computer, and load tests of other hosts need leave: add \"{host.IdnHost}\" to actorperf.load.allow-hosts if it is yours to load.";
    }

    private static bool Matches(string allowed, Uri host) =>
        allowed.Equals(host.IdnHost, StringComparison.OrdinalIgnoreCase)
        || allowed.Equals(string.Create(CultureInfo.InvariantCulture, $"{host.IdnHost}:{host.Port}"), StringComparison.OrdinalIgnoreCase)
        || allowed.Equals(host.Host, StringComparison.OrdinalIgnoreCase);

    private static void Check(List<FieldFault> faults, LoadModel.Closed model, LoadOptions options)
    {
        Within(faults, "/model/users", model.Users, model.Stages.Count > 0 ? 0 : 1, options.MaxUsers, "actorperf.load.max-users is the most");
        CheckRate(faults, "/model/spawnRate", model.SpawnRate, zero: false);
        CheckStages(faults, model.Stages, options.MaxUsers, options);
        if (model.Iterations is { } all) Within(faults, "/model/iterations", all, 1, options.MaxRequests, null);
        if (model.IterationsPerUser is { } each) Within(faults, "/model/iterationsPerUser", each, 1, options.MaxRequests, null);
    }

    private static void Check(List<FieldFault> faults, LoadModel.Open model, LoadOptions options)
    {
        CheckRate(faults, "/model/rate", model.Rate, zero: model.Stages.Count > 0);
        Within(faults, "/model/timeUnit", model.TimeUnit, TimeSpan.FromMilliseconds(1), MaxTimeUnit, null);
        CheckStages(faults, model.Stages, MaxRate, options);
        Within(faults, "/model/maxUsers", model.MaxUsers, 1, options.MaxUsers, "actorperf.load.max-users is the most");
        Within(faults, "/model/preAllocatedUsers", model.PreAllocatedUsers, 0, model.MaxUsers, "that is maxUsers");
        Within(faults, "/model/backlog", model.Backlog, 0, 1_000_000, null);
        var highest = Math.Max(model.Rate, model.Stages.Select(static stage => stage.Target).DefaultIfEmpty().Max()) / Math.Max(model.TimeUnit.TotalSeconds, 1e-3);
        if (highest > MaxRate) faults.Add(new("/model/rate", string.Create(CultureInfo.InvariantCulture, $"{highest:0.###} iterations a second; at most {MaxRate:0}.")));
    }

    private static void CheckStages(List<FieldFault> faults, IReadOnlyList<LoadStage> stages, double most, LoadOptions options)
    {
        if (stages.Count > MaxStages) faults.Add(new("/model/stages", $"{stages.Count} stages; at most {MaxStages}."));
        for (var i = 0; i < Math.Min(stages.Count, MaxStages); i++)
        {
            Within(faults, $"/model/stages/{i}/duration", stages[i].Duration, TimeSpan.Zero, options.MaxRunTime, "actorperf.load.max-run-time is the most");
            if (stages[i].Target is not (0 or >= MinRate) || stages[i].Target > most)
                faults.Add(new($"/model/stages/{i}/target", string.Create(CultureInfo.InvariantCulture, $"{stages[i].Target} is out of range: 0, or {MinRate:0.######} to {most:0}.")));
        }
    }

    private static void CheckRate(List<FieldFault> faults, string pointer, double rate, bool zero)
    {
        if (rate is >= MinRate and <= MaxRate || zero && rate == 0) return;
        faults.Add(new(pointer, string.Create(CultureInfo.InvariantCulture, $"{rate} is out of range: {(zero ? "0, or " : "")}{MinRate:0.######} to {MaxRate:0}.")));
    }

    private static void Within(List<FieldFault> faults, string pointer, TimeSpan value, TimeSpan least, TimeSpan most, string? why)
    {
        if (value >= least && value <= most) return;
        faults.Add(new(pointer, $"{Durations.Format(value)} is out of range: {Durations.Format(least)} to {Durations.Format(most)}{(why is null ? "" : $" ({why})")}."));
    }

    private static void Within(List<FieldFault> faults, string pointer, long value, long least, long most, string? why)
    {
        if (value >= least && value <= most) return;
        faults.Add(new(pointer, $"{value} is out of range: {least} to {most}{(why is null ? "" : $" ({why})")}."));
    }

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : "none";
}
