using System.Globalization;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Wire;

/// <summary>Reads query strings strictly: a parameter that is unknown, there twice or out of range is refused, so that a typing error never widens a search.</summary>
internal sealed class Query(IQueryCollection parameters)
{
    private const int DefaultLimit = 50;
    private List<FieldFault>? _faults;
    private Refusal? _unreadable;

    /// <summary>What was wrong; null when nothing was.</summary>
    public Refusal? Refusal => _faults is null ? _unreadable : new Refusal("invalid-request",
        string.Join(' ', _faults.Select(static fault => $"Query parameter '{fault.Pointer}': {fault.Message}")));

    public static Query Of(HttpRequest request, params ReadOnlySpan<string> known)
    {
        var query = new Query(request.Query);
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name)) query.Fault(JsonFault.Shown(name), known.IsEmpty ? "there is none here." : $"there is none of that name; there are {string.Join(", ", known!)}.");
            else if (values.Count > 1) query.Fault(name, "it is there twice.");
        }
        return query;
    }

    /// <summary>Null where it is absent or empty.</summary>
    public string? Text(string name, int longest = 200)
    {
        var text = parameters[name].ToString();
        if (text.Length == 0) return null;
        if (text.Length <= longest) return text;
        Fault(name, $"longer than {longest} characters.");
        return null;
    }

    public int Limit()
    {
        if (!parameters.TryGetValue("limit", out var text)) return DefaultLimit;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= JobQuery.MaxLimit) return limit;
        Fault("limit", $"'{JsonFault.Shown(text.ToString())}' is none here; write a whole number from 1 to {JobQuery.MaxLimit}.");
        return DefaultLimit;
    }

    public int Number(string name, int absent, int least, int most)
    {
        if (Text(name) is not { } text) return absent;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Fault(name, $"'{JsonFault.Shown(text)}' is none here; write a whole number from {least} to {most}.");
        return absent;
    }

    /// <summary>A duration such as 250ms; zero where it is absent.</summary>
    public TimeSpan Duration(string name)
    {
        if (Text(name) is not { } text) return TimeSpan.Zero;
        if (Durations.TryParse(text, out var duration) && duration >= TimeSpan.Zero) return duration;
        Fault(name, $"'{JsonFault.Shown(text)}' is no duration; write one such as 250ms, 5s or 2m.");
        return TimeSpan.Zero;
    }

    public bool Flag(string name)
    {
        if (Text(name) is not { } text) return false;
        if (text is not ("true" or "false")) Fault(name, $"'{JsonFault.Shown(text)}' is neither; write true or false.");
        return text == "true";
    }

    public string Word(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text) return words[0];
        if (words.Contains(text)) return text;
        Fault(name, $"'{JsonFault.Shown(text)}' is none of them; write {string.Join(" or ", words!)}.");
        return words[0];
    }

    public IReadOnlyList<JobState> States()
    {
        if (Text("state") is not { } text) return [];
        var states = new List<JobState>();
        foreach (var word in text.Split(','))
        {
            if (!JobStates.TryParse(word, out var state))
                Fault("state", $"'{JsonFault.Shown(word)}' is no state; there are {string.Join(", ", JobStates.All.Select(static known => known.Word))}.");
            else if (!states.Contains(state)) states.Add(state);
        }
        return states;
    }

    public void Fault(string name, string message) => (_faults ??= []).Add(new FieldFault(name, message));

    /// <summary>The filter of a list or a stream of jobs.</summary>
    public JobQuery Jobs(Namespace ns)
    {
        return new JobQuery { Namespace = ns, States = States(), Task = Text("task"), Queue = Text("queue"), Tag = Text("tag"), Filter = Search() };
    }

    /// <summary>The search of the parameter <c>q</c>; null where there is none.</summary>
    public JobFilter? Search()
    {
        if (Text("q", FilterText.MaxLength) is not { } text) return null;
        if (FilterText.TryParse(text, out var filter, out var fault)) return filter;
        _unreadable = SearchRefusals.Unreadable(fault!);
        return null;
    }

    public JobSort Sort()
    {
        if (Text("sort") is not { } text) return JobSort.Newest;
        if (JobSort.TryParse(text, out var sort)) return sort;
        Fault("sort", $"'{JsonFault.Shown(text)}' is no order; write one of {JobSort.Known}; with - in front it descends.");
        return sort;
    }
}
