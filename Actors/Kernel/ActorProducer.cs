using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace ActorPerf.Kernel;

/// <summary>Makes instances of one type of actor.</summary>
internal abstract class ActorProducer(Type type, object?[] arguments)
{
    private static readonly ConcurrentDictionary<ConstructorInfo, ConstructorInvoker> Invokers = new();

    public Type Type { get; } = type;

    public object?[] Arguments { get; } = arguments;

    public abstract ActorBase Produce();

    public static ActorProducer FromFunction(Type type, Func<ActorBase> make) => new ByFunction(type, make);

    public static ActorProducer FromExpression<TActor>(Expression<Func<TActor>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (factory.Body is not NewExpression { Constructor: { } constructor } creation)
        {
            throw new ArgumentException(
                $"Props.Create needs a constructor call such as () => new {typeof(TActor).Name}(a, b); it was given {factory.Body.NodeType}.", nameof(factory));
        }
        return new ByConstructor(constructor, [.. creation.Arguments.Select(ExpressionValue.Of)]);
    }

    /// <summary>The constructor is looked for when the first actor is made, so that a mismatch is that actor's failure.</summary>
    public static ActorProducer FromType(Type type, object?[] args) => new ByType(type, args);

    private static ConstructorInvoker Invoker(ConstructorInfo constructor) => Invokers.GetOrAdd(constructor, ConstructorInvoker.Create);

    private sealed class ByFunction(Type type, Func<ActorBase> make) : ActorProducer(type, [])
    {
        public override ActorBase Produce() => make();
    }

    private sealed class ByConstructor(ConstructorInfo constructor, object?[] arguments) : ActorProducer(constructor.DeclaringType!, arguments)
    {
        private readonly ConstructorInvoker _invoker = Invoker(constructor);

        public override ActorBase Produce() => (ActorBase)_invoker.Invoke(Arguments.AsSpan());
    }

    private sealed class ByType(Type type, object?[] arguments) : ActorProducer(type, arguments)
    {
        private ConstructorInvoker? _invoker;
        private object?[] _complete = arguments;

        public override ActorBase Produce()
        {
            _invoker ??= Find();
            return (ActorBase)_invoker.Invoke(_complete.AsSpan());
        }

        private ConstructorInvoker Find()
        {
            var constructors = Type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(c => Fits(c.GetParameters())).OrderBy(c => c.GetParameters().Length).ToArray();
            if (constructors.Length == 0)
            {
                var given = string.Join(", ", Arguments.Select(a => a?.GetType().Name ?? "null"));
                throw new MissingMethodException($"{Type} has no constructor that takes ({given}). Check the arguments given to Props.Create.");
            }
            var chosen = constructors[0];
            _complete = [.. Arguments, .. chosen.GetParameters().Skip(Arguments.Length).Select(p => p.DefaultValue)];
            return Invoker(chosen);
        }

        private bool Fits(ParameterInfo[] parameters)
        {
            if (parameters.Length < Arguments.Length) return false;
            for (var i = 0; i < parameters.Length; i++)
            {
                if (i >= Arguments.Length)
                {
                    if (!parameters[i].HasDefaultValue) return false;
                }
                else if (Arguments[i] is { } argument)
                {
                    if (!parameters[i].ParameterType.IsInstanceOfType(argument)) return false;
                }
                else if (parameters[i].ParameterType is { IsValueType: true } value && Nullable.GetUnderlyingType(value) is null)
                {
                    return false;
                }
            }
            return true;
        }
    }
}
