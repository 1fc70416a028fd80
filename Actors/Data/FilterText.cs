using System.Globalization;
using System.Text;

namespace ActorPerf.Data;

/// <summary>A filter as text that no other filter has.</summary>
internal static class FilterText
{
    public static void Append(StringBuilder text, EntityFilter? filter)
    {
        switch (filter)
        {
            case null: text.Append('*'); break;
            case EntityFilter.Compare compare: Append(text, compare.Operator.ToString(), compare.Path).Append(ValueOf(compare.Value)); break;
            case EntityFilter.In some: Append(text, "in", some.Path).AppendJoin(',', some.Values.Select(ValueOf)); break;
            case EntityFilter.StartsWith prefix: Append(text, "startsWith", prefix.Path).Append(Quoted(prefix.Text)); break;
            case EntityFilter.Exists exists: Append(text, exists.Wanted ? "exists" : "missing", exists.Path); break;
            case EntityFilter.And and: Append(text, "and", and.All); break;
            case EntityFilter.Or or: Append(text, "or", or.Any); break;
            case EntityFilter.Not not: Append(text, "not", [not.Filter]); break;
            default: throw new ArgumentOutOfRangeException(nameof(filter), filter, "an unknown kind of filter");
        }
    }

    private static StringBuilder Append(StringBuilder text, string word, string path) => text.Append(word).Append(' ').Append(path).Append(' ');

    private static void Append(StringBuilder text, string word, IReadOnlyList<EntityFilter> filters)
    {
        text.Append(word).Append('(');
        foreach (var filter in filters)
        {
            Append(text, filter);
            text.Append(';');
        }
        text.Append(')');
    }

    private static string ValueOf(EntityValue value) => value switch
    {
        EntityValue.Null => "null",
        EntityValue.Boolean boolean => boolean.Value ? "true" : "false",
        EntityValue.Integer integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        EntityValue.Number number => "d" + number.Value.ToString("R", CultureInfo.InvariantCulture),
        EntityValue.Text text => Quoted(text.Value),
        _ => "structure",
    };

    // With its length in front, so that no text can end early.
    private static string Quoted(string text) => string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}");
}
