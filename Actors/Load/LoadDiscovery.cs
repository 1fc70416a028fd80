using System.Reflection;
using ActorPerf.Tasks;

namespace ActorPerf.Load;

/// <summary>Finds scenarios by the attributes of their classes.</summary>
public static class LoadDiscovery
{
    /// <summary>The scenarios of an assembly, in order of name.</summary>
    /// <exception cref="TaskSetupException">A class breaks a rule.</exception>
    public static IReadOnlyList<LoadScenario> Find(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            return Scenarios(assembly.GetTypes().Where(static type => type.IsClass && type.IsDefined(typeof(LoadUserAttribute), inherit: false)));
        }
        catch (ReflectionTypeLoadException fault)
        {
            var first = fault.LoaderExceptions.FirstOrDefault(static inner => inner is not null)?.Message ?? fault.Message;
            throw new TaskSetupException($"Assembly {assembly.GetName().Name} cannot be searched for load tests: {first} Put what it needs beside it.", fault);
        }
    }

    /// <summary>The scenarios of classes.</summary>
    /// <inheritdoc cref="Find"/>
    public static IReadOnlyList<LoadScenario> Scenarios(IEnumerable<Type> types)
    {
        var users = types.Select(static type => (Type: type, Attribute: Attribute(type))).OrderBy(static user => user.Type.FullName, StringComparer.Ordinal).ToList();
        return [.. users.GroupBy(static user => user.Attribute.Scenario, StringComparer.Ordinal).OrderBy(static scenario => scenario.Key, StringComparer.Ordinal)
            .Select(static scenario => new LoadScenario(
                scenario.Key,
                scenario.Select(static user => user.Attribute.Summary).FirstOrDefault(static summary => summary.Length > 0) ?? "",
                [.. scenario.Select(static user => User(user.Type, user.Attribute))]))];
    }

    private static LoadUserAttribute Attribute(Type type)
    {
        var attribute = type.GetCustomAttribute<LoadUserAttribute>() ?? throw new TaskSetupException($"{type.FullName} is no user of load tests: put [LoadUser(\"SCENARIO\")] on it.");
        if (!TaskNames.IsValid(attribute.Scenario)) throw new TaskSetupException($"{type.FullName}: '{attribute.Scenario}' is no name of a scenario: use {TaskNames.Rule}.");
        if (attribute.Weight < 1 || attribute.FixedCount < 0) throw new TaskSetupException($"{type.FullName}: a weight is at least 1 and a fixed count at least 0.");
        return attribute;
    }

    private static LoadUser User(Type type, LoadUserAttribute attribute)
    {
        if (type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null) throw new TaskSetupException($"{type.FullName} needs a public constructor without parameters, for each user is an object of it.");
        if (!LoadWait.TryParse(attribute.Wait.Length > 0 ? attribute.Wait : "constant(0s)", out var wait)) throw new TaskSetupException($"{type.FullName}: '{attribute.Wait}' is no wait; write {LoadWait.Forms}.");
        var methods = type.GetMethods(BindingFlags.Public | BindingFlags.Instance);
        var tasks = methods.Where(static method => method.IsDefined(typeof(LoadTaskAttribute))).OrderBy(static method => method.Name, StringComparer.Ordinal).Select(TaskOf).ToList();
        if (tasks.Count == 0) throw new TaskSetupException($"{type.FullName} does nothing: put [LoadTask] on a public method.");
        return new LoadUser(type.Name, attribute.Weight, wait, tasks)
        {
            FixedCount = attribute.FixedCount,
            State = () => Activator.CreateInstance(type)!,
            OnStart = Only<LoadStartAttribute>(type, methods),
            OnStop = Only<LoadStopAttribute>(type, methods),
        };
    }

    private static LoadTask TaskOf(MethodInfo method)
    {
        var attribute = method.GetCustomAttribute<LoadTaskAttribute>()!;
        if (attribute.Weight < 1) throw new TaskSetupException($"{method.DeclaringType?.FullName}.{method.Name}: a weight is at least 1.");
        var name = attribute.Name.Length > 0 ? attribute.Name : method.Name.EndsWith("Async", StringComparison.Ordinal) ? method.Name[..^5] : method.Name;
        return new LoadTask(name, attribute.Weight, attribute.Tags, Body(method));
    }

    private static LoadBody? Only<T>(Type type, IEnumerable<MethodInfo> methods)
        where T : Attribute
    {
        var found = methods.Where(static method => method.IsDefined(typeof(T))).ToList();
        return found.Count switch
        {
            0 => null,
            1 => Body(found[0]),
            _ => throw new TaskSetupException($"{type.FullName} has {found.Count} methods with [{typeof(T).Name[..^9]}]; one is the most."),
        };
    }

    private static LoadBody Body(MethodInfo method)
    {
        if (method.GetParameters() is not [var session, var ct] || session.ParameterType != typeof(LoadSession) || ct.ParameterType != typeof(CancellationToken)
            || method.ReturnType != typeof(Task) && method.ReturnType != typeof(ValueTask))
            throw new TaskSetupException($"{method.DeclaringType?.FullName}.{method.Name} must be Task or ValueTask {method.Name}(LoadSession session, CancellationToken ct).");
        // One compiled call for each method, not reflection for each iteration.
        var open = typeof(OpenCall<>).MakeGenericType(method.DeclaringType!);
        return ((ICallable)Activator.CreateInstance(open, method)!).Body;
    }

    private interface ICallable
    {
        LoadBody Body { get; }
    }

    private sealed class OpenCall<TUser> : ICallable
        where TUser : class
    {
        public OpenCall(MethodInfo method)
        {
            if (method.ReturnType == typeof(Task))
            {
                var call = method.CreateDelegate<Func<TUser, LoadSession, CancellationToken, Task>>();
                Body = (session, ct) => new ValueTask(call((TUser)session.State!, session, ct));
            }
            else
            {
                var call = method.CreateDelegate<Func<TUser, LoadSession, CancellationToken, ValueTask>>();
                Body = (session, ct) => call((TUser)session.State!, session, ct);
            }
        }

        public LoadBody Body { get; }
    }
}
