using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>Makes scenarios of settings, and says what is wrong with them.</summary>
public static class ScenarioCompiler
{
    private const int MaxRequests = 100;
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Everything wrong with a scenario: where, below the scenario (<c>users.reader.wait</c>), and what, as a sentence.</summary>
    public static IEnumerable<(string Setting, string Problem)> Faults(string name, ScenarioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!TaskNames.IsValid(name)) yield return ("", $"'{name}' is no name of a scenario: use {TaskNames.Rule}.");
        if (options.Users.Count == 0) yield return ("users", "is empty; give the scenario a kind of user, users.NAME { tasks { … } }.");
        foreach (var (data, file) in options.Data)
            if (file.File.Length == 0) yield return ($"data.{data}.file", "is not set; name a CSV file.");
        HashSet<string> anywhere = [.. options.Users.Values.SelectMany(kind => KnownNames(options, kind)), .. options.Variables.Keys];
        foreach (var (variable, value) in options.Variables)
            foreach (var used in LoadTemplate.Parse(value).Names)
                if (NameFault(options, used, anywhere) is { } fault) yield return ($"variables.{variable}", fault);
        foreach (var (user, kind) in options.Users)
        {
            if (!LoadWait.TryParse(kind.Wait, out _)) yield return ($"users.{user}.wait", $"is '{kind.Wait}'; write {LoadWait.Forms}.");
            if (kind.Tasks.Count == 0) yield return ($"users.{user}.tasks", "is empty; give the user something to do, tasks.NAME { requests = [ … ] }.");
            foreach (var (task, steps) in kind.Tasks)
                if (steps.Requests.Count == 0) yield return ($"users.{user}.tasks.{task}.requests", "is empty; name at least one request, { path = \"/\" }.");
            var known = KnownNames(options, kind);
            foreach (var (place, steps) in Places(user, kind))
            {
                if (steps.Count > MaxRequests) yield return (place, $"has {steps.Count} requests; at most {MaxRequests}.");
                for (var i = 0; i < steps.Count; i++)
                    foreach (var fault in RequestFaults(options, steps[i], known))
                        yield return ($"{place}.{i}", fault);
            }
        }
    }

    /// <summary>The scenario of settings without faults.</summary>
    public static LoadScenario Compile(string name, ScenarioOptions options, LoadSource source = LoadSource.Configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new LoadScenario(name, options.Summary, [.. options.Users.Select(static user => User(user.Key, user.Value))])
        {
            Source = source,
            Variables = new Dictionary<string, string>(options.Variables, StringComparer.Ordinal),
            Data = new Dictionary<string, LoadDataOptions>(options.Data, StringComparer.Ordinal),
        };
    }

    private static LoadUser User(string name, LoadUserOptions options)
    {
        if (!LoadWait.TryParse(options.Wait, out var wait)) throw new FormatException($"'{options.Wait}' is no wait; write {LoadWait.Forms}.");
        return new LoadUser(name, options.Weight, wait, [.. options.Tasks.Select(static task => new LoadTask(task.Key, task.Value.Weight, task.Value.Tags, Body(task.Value.Requests)!))])
        {
            FixedCount = options.FixedCount,
            OnStart = Body(options.OnStart),
            OnStop = Body(options.OnStop),
        };
    }

    private static LoadBody? Body(IReadOnlyList<LoadRequestOptions> requests)
    {
        if (requests.Count == 0) return null;
        TemplateStep[] steps = [.. requests.Select(static request => new TemplateStep(request))];
        return async (session, ct) =>
        {
            foreach (var step in steps)
                if (!await step.RunAsync(session, ct).ConfigureAwait(false)) return;
        };
    }

    private static IEnumerable<(string Place, IReadOnlyList<LoadRequestOptions> Steps)> Places(string user, LoadUserOptions kind)
    {
        yield return ($"users.{user}.on-start", kind.OnStart);
        yield return ($"users.{user}.on-stop", kind.OnStop);
        foreach (var (task, steps) in kind.Tasks) yield return ($"users.{user}.tasks.{task}.requests", steps.Requests);
    }

    /// <summary>What templates of a kind of user may name: variables that are set, and what any of its requests extracts.</summary>
    private static HashSet<string> KnownNames(ScenarioOptions options, LoadUserOptions kind) =>
        [.. options.Variables.Keys, .. Places("", kind).SelectMany(static place => place.Steps).SelectMany(static step => step.Extract.Keys)];

    private static IEnumerable<string> RequestFaults(ScenarioOptions options, LoadRequestOptions request, HashSet<string> known)
    {
        if (!request.Path.StartsWith('/')) yield return request.Path.Length == 0 ? "has no path; give it one, path = \"/\"." : $"has the path '{request.Path}'; it must begin with a slash, for the host is the run's.";
        if (request.Method.Length > 0 && !Methods.Contains(request.Method)) yield return $"has the method '{request.Method}'; there are {string.Join(", ", Methods)}.";
        foreach (var status in request.Status.Where(static status => status is < 100 or > 599)) yield return $"has the status {status}; statuses are 100 to 599.";
        foreach (var (header, value) in request.Headers)
            if (header.Length == 0 || header.Any(static c => c is <= ' ' or > '~' or ':') || value.Any(char.IsControl)) yield return $"has the header '{header}', which no request may have.";
        foreach (var name in new TemplateStep(request).Names)
        {
            if (NameFault(options, name, known) is { } fault) yield return fault;
        }
    }

    private static string? NameFault(ScenarioOptions options, string name, HashSet<string> known)
    {
        if (LoadTemplate.FunctionFault(name) is { } fault) return $"names {{{{{name}}}}}: {fault}.";
        if (name.StartsWith('$') || known.Contains(name) || options.Data.ContainsKey(name.Split('.')[0])) return null;
        return $"names {{{{{name}}}}}, which nothing sets.{(TaskNames.Nearest(name, known) is { } nearest ? $" Did you mean '{nearest}'?" : " Set it under variables, or extract it in a request.")}";
    }
}
