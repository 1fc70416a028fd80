using System.Globalization;
using ActorPerf.Tasks;

namespace ActorPerf.Load.Plans;

/// <summary>Reads the texts of one draft and notes what is wrong with them.</summary>
internal sealed class LoadReading(IReadOnlyDictionary<string, List<string>> texts)
{
    private static readonly Dictionary<string, string> Pointers = LoadDraft.Members.ToDictionary(static member => member.Name, static member => member.Pointer, StringComparer.Ordinal);
    private static readonly Uri Nowhere = new("http://127.0.0.1");
    private readonly List<FieldFault> _faults = [];

    public IReadOnlyList<FieldFault> Faults => _faults;

    public bool Has(string member) => texts.ContainsKey(member);

    public string? Text(string member) => texts.TryGetValue(member, out var found) ? found[^1] : null;

    public string Required(string member, string fault)
    {
        if (Text(member) is { } text) return text;
        Fault(member, fault);
        return "";
    }

    public IReadOnlyList<string> Texts(string member) => texts.TryGetValue(member, out var found) ? found : [];

    public Uri Host(string member)
    {
        var text = Required(member, "Name a target such as http://127.0.0.1:8080.");
        if (text.Length == 0) return Nowhere;
        if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var host) && host.Host.Length > 0) return host;
        Fault(member, $"'{Short(text)}' is no target: write http://HOST:PORT.");
        return Nowhere;
    }

    public TimeSpan? Duration(string member)
    {
        if (Text(member) is not { } text) return null;
        // A bare number is seconds, as Locust and k6 have it.
        if (Durations.TryParse(text, out var duration) || Durations.TryParse($"{text}s", out duration)) return duration;
        Fault(member, $"'{Short(text)}' is no duration: write one such as 500ms, 30s, 5m or 1h30m.");
        return null;
    }

    public long? Whole(string member, long least, long most)
    {
        if (Text(member) is not { } text) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole >= least && whole <= most) return whole;
        Fault(member, $"'{Short(text)}' is no whole number from {least} to {most}.");
        return null;
    }

    /// <summary>A number of users; what is out of its bounds is told by the plan's check.</summary>
    public int? Count(string member) => (int?)Whole(member, int.MinValue, int.MaxValue);

    public double? Number(string member)
    {
        if (Text(member) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return number;
        Fault(member, $"'{Short(text)}' is no number.");
        return null;
    }

    public IReadOnlyList<LoadStage> Stages(string member)
    {
        var stages = new List<LoadStage>();
        foreach (var (i, text) in Texts(member).Index())
        {
            if (LoadStage.TryParse(text, out var stage)) stages.Add(stage);
            else FaultAt(member, i, $"'{Short(text)}' is no stage: write how long and where to, such as 30s:100.");
        }

        return stages;
    }

    public IReadOnlyList<LoadThreshold> Thresholds(string member)
    {
        var thresholds = new List<LoadThreshold>();
        foreach (var (i, text) in Texts(member).Index())
        {
            var (condition, abort) = text.IndexOf(" abort", StringComparison.Ordinal) is > 0 and var at ? (text[..at], text[(at + 6)..].Trim()) : (text, null);
            if (LoadThreshold.Parse(condition, out var fault) is not { } threshold) FaultAt(member, i, fault ?? "It cannot be read.");
            else if (abort is not { Length: > 0 }) thresholds.Add(threshold with { AbortOnFail = abort is not null });
            else if (abort.StartsWith("after ", StringComparison.Ordinal) && Durations.TryParse(abort.AsSpan(6).Trim(), out var delay)) thresholds.Add(threshold with { AbortOnFail = true, DelayAbort = delay });
            else FaultAt(member, i, $"'{Short(abort)}' cannot follow abort: write nothing, or a time such as 'abort after 10s'.");
        }

        return thresholds;
    }

    public IReadOnlyDictionary<string, string> Pairs(string member)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (i, text) in Texts(member).Index())
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) pairs[text[..at].Trim()] = text[(at + 1)..];
            else FaultAt(member, i, $"'{Short(text)}' is no variable: write name=value.");
        }

        return pairs;
    }

    /// <summary>Members that have no place beside the others.</summary>
    public void Refuse(string why, params ReadOnlySpan<string> members)
    {
        foreach (var member in members)
            if (Has(member)) Fault(member, why);
    }

    private void Fault(string member, string message) => _faults.Add(new FieldFault(Pointers[member], message));

    private void FaultAt(string member, int index, string message) => _faults.Add(new FieldFault($"{Pointers[member]}/{index}", message));

    private static string Short(string text) => text.Length > 100 ? $"{text[..100]}…" : text;
}
