using System.Linq.Expressions;
using System.Reflection;

namespace ActorPerf.Kernel;

/// <summary>The value of an argument inside an expression tree; constants and captured variables without compiling anything.</summary>
internal static class ExpressionValue
{
    public static object? Of(Expression expression) => expression switch
    {
        ConstantExpression constant => constant.Value,
        MemberExpression { Member: FieldInfo field } member => field.GetValue(Target(member)),
        MemberExpression { Member: PropertyInfo property } member => property.GetValue(Target(member)),
        UnaryExpression { NodeType: ExpressionType.Convert, Method: null } convert when IsReference(convert) => Of(convert.Operand),
        _ => Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)(),
    };

    private static object? Target(MemberExpression member) => member.Expression is null ? null : Of(member.Expression);

    private static bool IsReference(UnaryExpression convert) => !convert.Type.IsValueType && !convert.Operand.Type.IsValueType
        && convert.Type.IsAssignableFrom(convert.Operand.Type);
}
