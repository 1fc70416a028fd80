using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks;

/// <summary>Limits a duration of a task's arguments, in the spelling of <see cref="Durations"/>: <c>[DurationRange("0s", "1h")]</c>.</summary>
/// <exception cref="FormatException">When first checked: a limit is no duration.</exception>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class DurationRangeAttribute(string minimum, string maximum) : ValidationAttribute($"must be from {minimum} to {maximum}")
{
    private (TimeSpan Minimum, TimeSpan Maximum)? _limits;

    public string Minimum { get; } = minimum;
    public string Maximum { get; } = maximum;

    public override bool IsValid(object? value)
    {
        if (value is not TimeSpan duration) return true;
        var limits = _limits ??= (Parse(Minimum), Parse(Maximum));
        return duration >= limits.Minimum && duration <= limits.Maximum;
    }

    private static TimeSpan Parse(string text) =>
        Durations.TryParse(text, out var duration) ? duration : throw new FormatException($"'{text}' is no duration; write it as \"5s\" or \"1h30m\".");
}
