using System.Text.Json;

namespace ActorPerf.Tasks;

/// <summary>What a value of a type has to look like, in words that follow a member's name.</summary>
internal static class ArgsWords
{
    public static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return $"must be one of: {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}";
        if (type == typeof(TimeSpan)) return DurationConverter.Expected;
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime)) return "must be a time such as \"2026-11-21T10:00:00Z\"";
        if (type == typeof(DateOnly)) return "must be a date such as \"2026-11-21\"";
        if (type == typeof(Guid)) return "must be a UUID such as \"01990b6e-3c1a-7000-8000-000000000000\"";
        if (type == typeof(Uri)) return "must be an address (URI)";
        return Type.GetTypeCode(type) switch
        {
            TypeCode.SByte => Whole(8),
            TypeCode.Int16 => Whole(16),
            TypeCode.Int32 => Whole(32),
            TypeCode.Int64 => Whole(64),
            TypeCode.Byte => Natural(8),
            TypeCode.UInt16 => Natural(16),
            TypeCode.UInt32 => Natural(32),
            TypeCode.UInt64 => Natural(64),
            TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "must be a number",
            TypeCode.Boolean => "must be true or false",
            TypeCode.String => "must be a string",
            TypeCode.Char => "must be a string of one character",
            _ => $"must fit the type {type.Name}",
        };
    }

    private static string Whole(int bits) => $"must be a whole number of at most {bits} bits";

    private static string Natural(int bits) => $"must be a whole number of at most {bits} bits that is not negative";
}
