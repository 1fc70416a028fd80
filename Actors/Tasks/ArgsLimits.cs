using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Tasks;

/// <summary>The limits that a type of arguments declares: validation attributes on its members (or their constructor parameters), and
/// <see cref="IValidatableObject"/>. Members of members are checked by their own code.</summary>
internal sealed class ArgsLimits
{
    private readonly Member[] _members;

    private ArgsLimits(Member[] members) => _members = members;

    public static ArgsLimits Of(JsonTypeInfo type) => new(
        [.. type.Properties.SelectMany(property => property.Get is { } get ? [new Member(property.Name, get, Limits(property))] : (Member[])[])
            .Where(member => member.Limits.Length > 0)]);

    /// <summary>Empty when all limits hold.</summary>
    public IReadOnlyList<FieldFault> Check(object args)
    {
        List<FieldFault>? faults = null;
        foreach (var member in _members)
        {
            var value = member.Get(args);
            foreach (var limit in member.Limits)
                if (!limit.IsValid(value)) (faults ??= []).Add(new($"/args/{JsonPathPointer.Escape(member.Name)}", Words(limit, member.Name)));
        }
        if (args is IValidatableObject own)
            foreach (var result in own.Validate(new ValidationContext(args)))
                if (result != ValidationResult.Success) (faults ??= []).Add(Fault(result));
        return faults ?? (IReadOnlyList<FieldFault>)[];
    }

    private static ValidationAttribute[] Limits(JsonPropertyInfo member) =>
        [.. Declared(member.AttributeProvider), .. Declared(member.AssociatedParameter?.AttributeProvider)];

    private static IEnumerable<ValidationAttribute> Declared(ICustomAttributeProvider? place) =>
        place?.GetCustomAttributes(typeof(ValidationAttribute), inherit: true).Cast<ValidationAttribute>() ?? [];

    private static string Words(ValidationAttribute limit, string name) => limit switch
    {
        _ when limit.ErrorMessage is not null => limit.FormatErrorMessage(name),
        RangeAttribute range => $"must be from {range.Minimum} to {range.Maximum}",
        StringLengthAttribute length => $"must have {length.MinimumLength} to {length.MaximumLength} characters",
        MaxLengthAttribute length => $"must have at most {length.Length} items or characters",
        MinLengthAttribute length => $"must have at least {length.Length} items or characters",
        RequiredAttribute => "must not be empty",
        _ => limit.FormatErrorMessage(name),
    };

    private sealed record Member(string Name, Func<object, object?> Get, ValidationAttribute[] Limits);

    private static FieldFault Fault(ValidationResult result)
    {
        var member = result.MemberNames.FirstOrDefault();
        var pointer = member is null ? "/args" : $"/args/{JsonPathPointer.Escape(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(member))}";
        return new(pointer, result.ErrorMessage ?? "is not allowed");
    }
}
