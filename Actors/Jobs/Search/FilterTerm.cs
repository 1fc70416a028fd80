using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>One term of a search as it was written: a field, a sign, a value; and what it means.</summary>
/// <param name="Sign">Null for the colon.</param>
internal readonly record struct FilterTerm(string Name, Comparison? Sign, string Value, bool Prefix)
{
    private const string Signs = "Use <, <=, > or >=.";

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK",
    ];

    /// <summary>Whether a word can stand as a value as it is.</summary>
    public static bool IsPlain(string word) => word.Length > 0 && !word.Any(c => FilterParser.EndsValue(c) || c == '"');

    /// <param name="fault">Null, or what is wrong.</param>
    /// <param name="atValue">The fault is of the value, not of the field.</param>
    public JobFilter? Read(out string? fault, out bool atValue)
    {
        (fault, atValue) = (null, true);
        if (FilterFields.Names.TryGetValue(Name, out var name)) return Word(ref fault, new JobFilter.Named(name, Value, Prefix));
        if (Name.StartsWith(FilterFields.Arguments, StringComparison.OrdinalIgnoreCase)) return Argument(ref fault, ref atValue);
        if (FilterFields.Numbers.TryGetValue(Name, out var number)) return Number(ref fault, number);
        if (FilterFields.Spans.TryGetValue(Name, out var span)) return Span(ref fault, span);
        if (FilterFields.Times.TryGetValue(Name, out var time)) return Time(ref fault, time);
        switch (Name.ToLowerInvariant())
        {
            case FilterFields.State: return State(ref fault);
            case FilterFields.Id: return Id(ref fault) is { } id ? new JobFilter.HasId(id) : null;
            case FilterFields.Parent: return Id(ref fault) is { } parent ? new JobFilter.HasParent(parent) : null;
            case FilterFields.Error when Prefix: fault = "error finds its text anywhere: leave the star out, or quote it."; return null;
            case FilterFields.Error: return Word(ref fault, new JobFilter.Error(Value));
            default:
                atValue = false;
                fault = Unknown();
                return null;
        }
    }

    private JobFilter? Word(ref string? fault, JobFilter filter)
    {
        if (Sign is null or Comparison.Equal) return filter;
        fault = $"{Name} is text and has no order. Write {Name}:VALUE, or {Name}:VALUE* for what begins so.";
        return null;
    }

    private JobFilter? Argument(ref string? fault, ref bool atValue)
    {
        var path = Name[FilterFields.Arguments.Length..];
        if (path.Length is > 0 and <= FilterText.MaxPath && path.Split('.').All(member => member.Length > 0))
            return Word(ref fault, new JobFilter.Argument(path, Value, Prefix));
        atValue = false;
        fault = $"'{Short(Name)}' names no member of the arguments. Write a dotted path of at most {FilterText.MaxPath} characters, such as args.customer.id:42.";
        return null;
    }

    private JobFilter.Number? Number(ref string? fault, NumberField field)
    {
        if (!Prefix && int.TryParse(Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return new JobFilter.Number(field, Sign ?? Comparison.Equal, number);
        fault = $"'{Short(Value)}' is no whole number. Write one, such as {Name}>=3.";
        return null;
    }

    private JobFilter.Span? Span(ref string? fault, SpanField field)
    {
        if (IsOrdered(ref fault, "2s") is not { } sign) return null;
        if (!Prefix && TryDuration(Value, out var span)) return new JobFilter.Span(field, sign, span);
        fault = $"'{Short(Value)}' is no duration. Write one such as {Name}>500ms, {Name}>2s or {Name}<1h30m.";
        return null;
    }

    private JobFilter? Time(ref string? fault, TimeField field)
    {
        if (IsOrdered(ref fault, "1h") is not { } sign) return null;
        if (!Prefix && TryDuration(Value, out var age)) return new JobFilter.Ago(field, sign, age);
        if (!Prefix && DateTimeOffset.TryParseExact(
            Value, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return new JobFilter.Moment(field, sign, time);
        fault = $"'{Short(Value)}' is no time and no age. Write {Name}<1h for the last hour, {Name}>7d for before the last 7 days, or a time such as {Name}>2026-11-01 or {Name}>2026-11-01T08:30Z.";
        return null;
    }

    private Comparison? IsOrdered(ref string? fault, string example)
    {
        if (Sign is { } sign and not Comparison.Equal) return sign;
        fault = $"{Name} is hardly ever exactly a value. {Signs} For example {Name}<{example}.";
        return null;
    }

    private JobFilter? State(ref string? fault)
    {
        if (Sign is not (null or Comparison.Equal))
        {
            fault = "state has no order. Write state:failed, or state:failed,expired for several.";
            return null;
        }
        var states = new List<JobFilter>();
        foreach (var word in (Value + (Prefix ? "*" : "")).Split(','))
        {
            if (!JobStates.TryParse(word, out var state))
            {
                var known = JobStates.All.Select(each => each.Word).ToArray();
                fault = $"'{Short(word)}' is no state{Hint(word, known)} There are {string.Join(", ", known)}.";
                return null;
            }
            states.Add(new JobFilter.InState(state));
        }
        return JobFilter.Any(states);
    }

    private JobId? Id(ref string? fault)
    {
        if (Sign is null or Comparison.Equal && !Prefix && JobId.TryParse(Value, out var id)) return id;
        fault = $"'{Short(Value)}' is no id. Write {Name.ToLowerInvariant()}: and a whole UUID in lower case.";
        return null;
    }

    /// <summary>Microseconds are the store's unit; finer parts are dropped.</summary>
    private static bool TryDuration(string text, out TimeSpan span)
    {
        if (!Durations.TryParse(text, out span) || span > MaxSpan) return false;
        span = new TimeSpan(span.Ticks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond);
        return true;
    }

    /// <summary>A hundred years: any time minus it is still a time.</summary>
    private static readonly TimeSpan MaxSpan = TimeSpan.FromDays(36_525);

    private string Unknown() => $"There is no field '{Short(Name)}'{Hint(Name, FilterFields.All)} Fields: {string.Join(", ", FilterFields.All)}.";

    private static string Hint(string word, IEnumerable<string> known) => TaskNames.Nearest(word, known) is { } nearest ? $"; did you mean '{nearest}'?" : ".";

    private static string Short(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
