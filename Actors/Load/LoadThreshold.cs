using System.Globalization;
using System.Text.RegularExpressions;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>What a run must keep, in k6's words: <c>http_req_duration:p(95)&lt;200</c>, for requests of one name <c>http_req_duration{name:/jobs}:avg&lt;50</c>.</summary>
/// <param name="Metric">One of <see cref="Metrics"/>.</param>
/// <param name="Selector">Name of the requests, or the task of the jobs, that count; null: all.</param>
/// <param name="Aggregation">Of times <c>avg min max med p(N) count</c>, of shares <c>rate</c>, of counts <c>count rate</c>, of users <c>value</c>.</param>
/// <param name="Percent">The N of <c>p(N)</c>; else 0.</param>
/// <param name="Operator">One of <c>&lt; &lt;= &gt; &gt;= == !=</c>.</param>
/// <param name="Bound">Of times in milliseconds, of shares 0 to 1.</param>
public sealed partial record LoadThreshold(string Metric, string? Selector, string Aggregation, double Percent, string Operator, double Bound)
{
    /// <summary>More thresholds than this no plan has.</summary>
    public const int MaxThresholds = 100;

    /// <summary>What can be held against a bound. Times: <c>http_req_duration</c> (service time), <c>response_time</c> (from the planned start), <c>job_duration</c> (accepted to
    /// finished), <c>iteration_duration</c>. Shares: <c>http_req_failed</c>, <c>checks</c>. Counts: <c>http_reqs</c>, <c>iterations</c>, <c>dropped_iterations</c>, <c>interrupted_iterations</c> (cut off
    /// by the end of the run). <c>vus</c>: the most users there were.</summary>
    public static IReadOnlyList<string> Metrics { get; } =
        ["http_req_duration", "response_time", "job_duration", "iteration_duration", "http_req_failed", "checks", "http_reqs", "iterations", "dropped_iterations", "interrupted_iterations", "vus"];

    /// <summary>Metrics of which a selector takes a part.</summary>
    private static readonly string[] Selective = ["http_req_duration", "response_time", "job_duration", "http_req_failed", "http_reqs"];

    /// <summary>The run ends as soon as it does not hold.</summary>
    public bool AbortOnFail { get; init; }

    /// <summary>It ends a run only after so long.</summary>
    public TimeSpan DelayAbort { get; init; }

    /// <summary>Reads a threshold.</summary>
    /// <param name="fault">A sentence about what is wrong and what can stand there; null when it was read.</param>
    public static LoadThreshold? Parse(string? text, out string? fault)
    {
        var match = Form().Match(text ?? "");
        if (!match.Success)
        {
            fault = $"'{Short(text)}' is no threshold: write METRIC:AGGREGATION OPERATOR NUMBER, such as http_req_duration:p(95)<200 or http_req_failed:rate<0.01.";
            return null;
        }
        var metric = match.Groups["metric"].Value;
        if (!Metrics.Contains(metric))
        {
            fault = $"'{metric}' is no metric.{(TaskNames.Nearest(metric, Metrics) is { } nearest ? $" Did you mean '{nearest}'?" : "")} There are {string.Join(", ", Metrics)}.";
            return null;
        }
        var aggregation = match.Groups["aggregation"].Value;
        var percent = match.Groups["percent"] is { Success: true } digits ? double.Parse(digits.Value, CultureInfo.InvariantCulture) : 0;
        var known = Aggregations(metric);
        if (percent > 100 || !known.Contains(percent > 0 || aggregation.StartsWith('p') ? "p(N)" : aggregation))
        {
            fault = $"'{aggregation}' is no aggregation of {metric}: it has {string.Join(", ", known)}{(known.Contains("p(N)") ? ", with N from 0 to 100" : "")}.";
            return null;
        }
        var selector = match.Groups["name"] is { Success: true } name ? name.Value : null;
        if (selector is not null && !Selective.Contains(metric))
        {
            fault = $"'{metric}' is measured over everything and takes no {{name:…}}. These do: {string.Join(", ", Selective)}.";
            return null;
        }
        fault = null;
        return new LoadThreshold(
            metric, selector, aggregation.StartsWith('p') ? "p" : aggregation, percent,
            match.Groups["operator"].Value, double.Parse(match.Groups["bound"].Value, CultureInfo.InvariantCulture));
    }

    /// <summary>Whether a value keeps the bound.</summary>
    public bool Holds(double value) => Operator switch
    {
        "<" => value < Bound,
        "<=" => value <= Bound,
        ">" => value > Bound,
        ">=" => value >= Bound,
        "!=" => value != Bound,
        _ => value == Bound,
    };

    /// <summary>As it is written; <see cref="Parse"/> reads it again.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Metric}{(Selector is null ? "" : $"{{name:{Selector}}}")}:{(Aggregation == "p" ? string.Create(CultureInfo.InvariantCulture, $"p({Percent:0.####})") : Aggregation)}{Operator}{Bound:0.######}");

    private static string[] Aggregations(string metric) => metric switch
    {
        "http_req_failed" or "checks" => ["rate"],
        "http_reqs" or "iterations" or "dropped_iterations" or "interrupted_iterations" => ["count", "rate"],
        "vus" => ["value"],
        _ => ["avg", "min", "max", "med", "p(N)", "count"],
    };

    private static string Short(string? text) => text is { Length: > 100 } ? $"{text[..100]}…" : text ?? "";

    [GeneratedRegex(@"^\s*(?<metric>[a-z_]{1,40})(\{\s*name\s*:\s*(?<name>[^{}]{1,200}?)\s*\})?\s*:\s*(?<aggregation>p\((?<percent>\d{1,3}(\.\d{1,4})?)\)|[a-z]{1,10})\s*(?<operator><=|>=|==|!=|<|>)\s*(?<bound>\d{1,15}(\.\d{1,9})?)\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}

/// <summary>How a threshold stands.</summary>
/// <param name="Value">What was measured, in the unit of its bound; null while nothing was.</param>
/// <param name="Holds">False once there is a value that does not keep the bound; at the end also where nothing was measured that it asks for.</param>
public sealed record ThresholdOutcome(LoadThreshold Threshold, double? Value, bool Holds);
