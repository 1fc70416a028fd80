using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Data;

/// <summary>Reads conditions and members of C# into filters and paths. Names and values are those of the type's JSON.</summary>
internal static class FilterExpression
{
    /// <exception cref="NotSupportedException">A part of it is nothing that a store decides.</exception>
    public static EntityFilter Read(LambdaExpression condition, JsonTypeInfo json) => new Reader(condition.Parameters[0], json).Condition(condition.Body);

    /// <summary>The path of a member: <c>a => a.Address.City</c> is <c>address.city</c>.</summary>
    public static string PathOf(LambdaExpression member, JsonTypeInfo json) => new Reader(member.Parameters[0], json).Member(member.Body) is { } found
        ? found.Path
        : throw new NotSupportedException($"'{member.Body}' is no member of {json.Type.Name} or of a member of it.");

    private readonly struct Reader(ParameterExpression root, JsonTypeInfo json)
    {
        public EntityFilter Condition(Expression expression)
        {
            expression = Bare(expression);
            switch (expression)
            {
                case BinaryExpression { NodeType: ExpressionType.AndAlso } and: return QueryParts.Join(Condition(and.Left), Condition(and.Right));
                case BinaryExpression { NodeType: ExpressionType.OrElse } or: return new EntityFilter.Or([Condition(or.Left), Condition(or.Right)]);
                case UnaryExpression { NodeType: ExpressionType.Not } not: return new EntityFilter.Not(Condition(not.Operand));
                case BinaryExpression binary when OperatorOf(binary.NodeType) is { } comparison: return Comparison(binary, comparison);
                case MethodCallExpression call: return Call(call);
                case MemberExpression when Member(expression) is { } flag && flag.Type.Type == typeof(bool):
                    return new EntityFilter.Compare(flag.Path, EntityOperator.Eq, new EntityValue.Boolean(true));
                default: throw Unfit(expression);
            }
        }

        public (string Path, JsonTypeInfo Type)? Member(Expression expression)
        {
            expression = Bare(expression);
            if (expression == root) return ("", json);
            if (expression is not MemberExpression { Expression: { } parent } member || Member(parent) is not { } above) return null;
            // The value of what may be null is not a member of the JSON.
            if (member.Member.Name == "Value" && Nullable.GetUnderlyingType(parent.Type) is not null) return above;
            var property = PropertyOf(above.Type, member.Member) ?? throw new NotSupportedException($"{member.Member.Name} of {above.Type.Type.Name} is not in its JSON, so no store can look at it.");
            return (above.Path.Length == 0 ? property.Name : $"{above.Path}.{property.Name}", json.Options.GetTypeInfo(property.PropertyType));
        }

        private EntityFilter.Compare Comparison(BinaryExpression binary, EntityOperator comparison)
        {
            if (Member(binary.Left) is { } left) return Compare(left, comparison, Value(binary.Right));
            if (Member(binary.Right) is { } right) return Compare(right, Turned(comparison), Value(binary.Left));
            throw Unfit(binary);
        }

        private EntityFilter Call(MethodCallExpression call)
        {
            if (call is { Method.Name: nameof(string.StartsWith), Object: { } text } && text.Type == typeof(string) && Member(text) is { } prefixed && Value(call.Arguments[0]) is string prefix)
                return new EntityFilter.StartsWith(prefixed.Path, prefix);
            if (call.Method.Name != "Contains") throw Unfit(call);
            // list.Contains(a.Member), whether a method of the list or of all sequences.
            var (list, item) = call.Object is { } owner ? (owner, call.Arguments[0]) : (call.Arguments[0], call.Arguments[1]);
            if (Member(item) is not { } member || Value(Spanless(list)) is not IEnumerable values || values is string) throw Unfit(call);
            return new EntityFilter.In(member.Path, [.. values.Cast<object?>().Select(value => ValueOf(member.Type, value))]);
        }

        private static EntityFilter.Compare Compare((string Path, JsonTypeInfo Type) member, EntityOperator comparison, object? value) =>
            new EntityFilter.Compare(member.Path, comparison, ValueOf(member.Type, value));
    }

    private static JsonPropertyInfo? PropertyOf(JsonTypeInfo type, MemberInfo member)
    {
        foreach (var property in type.Properties)
            if (property.AttributeProvider is MemberInfo known && known.Name == member.Name) return property;
        var name = type.Options.PropertyNamingPolicy?.ConvertName(member.Name) ?? member.Name;
        return type.Properties.FirstOrDefault(property => property.Name == name);
    }

    /// <summary>A value in the form that the member has in the JSON.</summary>
    private static EntityValue ValueOf(JsonTypeInfo type, object? value)
    {
        if (value is null) return new EntityValue.Null();
        var wanted = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        // C# compares an enum as its number, and a short as an int.
        if (wanted.IsEnum && value.GetType() != wanted) value = Enum.ToObject(wanted, value);
        else if (value is IConvertible && value.GetType() != wanted && typeof(IConvertible).IsAssignableFrom(wanted)) value = Convert.ChangeType(value, wanted, System.Globalization.CultureInfo.InvariantCulture);
        var element = JsonSerializer.SerializeToElement(value, type);
        return element.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => new EntityValue.Boolean(element.GetBoolean()),
            JsonValueKind.Number when element.TryGetInt64(out var integer) => new EntityValue.Integer(integer),
            JsonValueKind.Number => new EntityValue.Number(element.GetDouble()),
            JsonValueKind.String => new EntityValue.Text(element.GetString() ?? ""),
            JsonValueKind.Null => new EntityValue.Null(),
            _ => throw new NotSupportedException($"A {wanted.Name} is an object or an array in JSON; filters compare with single values."),
        };
    }

    /// <summary>What an expression without the entity comes to: constants, captured variables, and members of them.</summary>
    private static object? Value(Expression expression)
    {
        expression = Bare(expression);
        return expression switch
        {
            ConstantExpression constant => constant.Value,
            MemberExpression { Member: FieldInfo field } member => field.GetValue(member.Expression is null ? null : Value(member.Expression)),
            MemberExpression { Member: PropertyInfo property } member => property.GetValue(member.Expression is null ? null : Value(member.Expression)),
            NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array => array.Expressions.Select(Value).ToArray(),
            _ => throw new NotSupportedException($"'{expression}' has to be computed first: put it into a variable."),
        };
    }

    private static Expression Bare(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked or ExpressionType.Quote } convert) expression = convert.Operand;
        return expression;
    }

    // Arrays come as spans where the compiler prefers the method of spans.
    private static Expression Spanless(Expression list) => Bare(list) is MethodCallExpression { Method.Name: "op_Implicit" } call ? call.Arguments[0] : list;

    private static EntityOperator? OperatorOf(ExpressionType type) => type switch
    {
        ExpressionType.Equal => EntityOperator.Eq,
        ExpressionType.NotEqual => EntityOperator.Ne,
        ExpressionType.LessThan => EntityOperator.Lt,
        ExpressionType.LessThanOrEqual => EntityOperator.Le,
        ExpressionType.GreaterThan => EntityOperator.Gt,
        ExpressionType.GreaterThanOrEqual => EntityOperator.Ge,
        _ => null,
    };

    private static EntityOperator Turned(EntityOperator comparison) => comparison switch
    {
        EntityOperator.Lt => EntityOperator.Gt,
        EntityOperator.Le => EntityOperator.Ge,
        EntityOperator.Gt => EntityOperator.Lt,
        EntityOperator.Ge => EntityOperator.Le,
        _ => comparison,
    };

    private static NotSupportedException Unfit(Expression expression) => new(
        $"'{expression}' is nothing that the store decides. Conditions compare members with values (== != < <= > >=), or are StartsWith and list.Contains(member), joined by && || !.");
}
