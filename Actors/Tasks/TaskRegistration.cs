using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tasks;

/// <summary>A task's class as discovery found it: checked, but not yet overridden by configuration.</summary>
/// <param name="TaskType">Implements <see cref="IComputeTask{TArgs, TResult}"/> of the two types.</param>
public sealed record TaskRegistration(Type TaskType, Type ArgsType, Type ResultType, ComputeTaskAttribute Attribute)
{
    /// <summary>Checks a class.</summary>
    /// <exception cref="TaskSetupException">It has no attribute, a bad name or duration, or does not implement the interface exactly once.</exception>
    public static TaskRegistration From(Type type)
    {
        var attribute = type.GetCustomAttribute<ComputeTaskAttribute>()
            ?? throw new TaskSetupException($"Class {type.FullName} has no [ComputeTask(\"name\")]; add it to make the class a task.");
        if (!TaskNames.IsValid(attribute.Name)) throw Fault($"its name must be {TaskNames.Rule}");
        if (!TaskNames.IsValid(attribute.Queue)) throw Fault($"its queue '{attribute.Queue}' must be {TaskNames.Rule}");
        if (attribute.MaxAttempts is < 0 or > TaskOptions.MostAttempts) throw Fault($"MaxAttempts = {attribute.MaxAttempts} must be 0 (the node's setting) to {TaskOptions.MostAttempts}");
        if (attribute.Version < 1) throw Fault($"Version = {attribute.Version} must be 1 or more");
        if (attribute.SecretArgs.FirstOrDefault(pointer => !TaskOptions.IsPointer(pointer)) is { } secret) throw Fault($"SecretArgs has '{secret}', which is no JSON pointer; write it as \"/password\"");
        if (attribute.SearchArgs.FirstOrDefault(path => !TaskOptions.IsPath(path)) is { } path) throw Fault($"SearchArgs has '{path}', which is no dotted path; write it as \"customer.id\"");
        if (type.IsAbstract || type.ContainsGenericParameters) throw Fault("its class must not be abstract or generic");
        var interfaces = type.GetInterfaces().Where(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IComputeTask<,>)).ToArray();
        if (interfaces.Length != 1) throw Fault($"its class must implement IComputeTask<TArgs, TResult> exactly once, and implements it {interfaces.Length} times");
        var types = interfaces[0].GetGenericArguments();
        return new TaskRegistration(type, types[0], types[1], attribute);

        TaskSetupException Fault(string what) => new($"Task '{attribute.Name}' ({type.FullName}): {what}.");
    }

    /// <summary>The task as the node runs it.</summary>
    /// <param name="options">What the configuration overrides; null: nothing.</param>
    /// <exception cref="TaskSetupException">Its types cannot be read or written as JSON, or a duration of its attribute is none.</exception>
    public TaskDescriptor Describe(TaskOptions? options, IServiceScopeFactory scopes, TimeSpan? nodeDuration = null)
    {
        var runner = CreateRunner(scopes);
        var memoize = Memoize(options?.Memoize, nodeDuration ?? Memoization.DefaultDuration);
        return new TaskDescriptor
        {
            Name = Attribute.Name,
            Summary = options?.Summary ?? Attribute.Summary,
            Version = Attribute.Version,
            Queue = options?.Queue ?? Attribute.Queue,
            Memoize = memoize,
            Timeout = options?.Timeout ?? Limit(Duration(Attribute.Timeout, nameof(Attribute.Timeout))),
            MaxAttempts = options?.MaxAttempts ?? (Attribute.MaxAttempts == 0 ? null : Attribute.MaxAttempts),
            WhenLost = options?.WhenLost ?? Attribute.WhenLost,
            Retry = options?.Retry ?? (Attribute.NonRetryable.Length == 0 ? RetryPolicy.None : new RetryPolicy(NonRetryable: Attribute.NonRetryable)),
            // Configuration can hide more, and show nothing that the code hides.
            SecretArgs = [.. runner.Secrets.Concat(Attribute.SecretArgs).Concat(options?.SecretArgs ?? []).Distinct(StringComparer.Ordinal)],
            Internal = Attribute.Internal,
            SearchArgs = options?.SearchArgs ?? Attribute.SearchArgs,
            ResultType = Attribute.ResultType,
            Retention = options?.Retention,
            ArgsSchema = runner.Schema,
            Runner = (ITaskRunner)runner,
        };
    }

    /// <summary>What the configuration says, else the attribute; null: not remembered.</summary>
    private Memoization? Memoize(Memoization? configured, TimeSpan nodeDuration)
    {
        if (configured is not null) return configured.Under(nodeDuration);
        if (Attribute.Memoize.Length == 0) return null;
        if (Attribute.Eager is < 0 or >= 1) throw new TaskSetupException($"Task '{Attribute.Name}' ({TaskType.FullName}): Eager = {Attribute.Eager} must be above 0 and below 1, or 0 for the default.");
        if (Attribute.Jitter is < 0 or > 1) throw new TaskSetupException($"Task '{Attribute.Name}' ({TaskType.FullName}): Jitter = {Attribute.Jitter} must be a share from 0 to 1.");
        if (Attribute.Tags.Length > Memoization.MaxTags || Array.Exists(Attribute.Tags, static tag => tag.Length is 0 or > Memoization.MaxTagLength))
            throw new TaskSetupException($"Task '{Attribute.Name}' ({TaskType.FullName}): Tags must be at most {Memoization.MaxTags} of 1 to {Memoization.MaxTagLength} characters.");
        var life = Attribute.Memoize == Memoization.On ? nodeDuration : Duration(Attribute.Memoize, nameof(Attribute.Memoize)) ?? nodeDuration;
        var memoize = new Memoization(
            life, Duration(Attribute.StaleWhileRevalidate, nameof(Attribute.StaleWhileRevalidate)) ?? default, Duration(Attribute.StaleIfError, nameof(Attribute.StaleIfError)) ?? default,
            Attribute.Eager == 0 ? null : Attribute.Eager, Attribute.Tags.Length == 0 ? null : Attribute.Tags)
        {
            Negative = Duration(Attribute.Negative, nameof(Attribute.Negative)),
            SoftTimeout = Duration(Attribute.SoftTimeout, nameof(Attribute.SoftTimeout)),
            HardTimeout = Duration(Attribute.HardTimeout, nameof(Attribute.HardTimeout)),
            ErrorBackoff = Duration(Attribute.ErrorBackoff, nameof(Attribute.ErrorBackoff)) ?? Memoization.DefaultErrorBackoff,
            ErrorThrottle = Duration(Attribute.ErrorThrottle, nameof(Attribute.ErrorThrottle)) ?? Memoization.DefaultErrorThrottle,
            Jitter = double.IsNaN(Attribute.Jitter) ? null : Attribute.Jitter,
            Store = Attribute.Store ? true : null,
        };
        return (Attribute.Resilient ? memoize.Resilient() : memoize).Under(nodeDuration);
    }

    private IDescribesArgs CreateRunner(IServiceScopeFactory scopes)
    {
        try
        {
            var runner = typeof(TaskRunner<,,>).MakeGenericType(TaskType, ArgsType, ResultType);
            return Activator.CreateInstance(runner, Attribute.Name, scopes) as IDescribesArgs
                ?? throw new TaskSetupException($"Task '{Attribute.Name}': no runner could be made for {TaskType.FullName}.");
        }
        catch (TargetInvocationException exception) when (exception.InnerException is NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new TaskSetupException(
                $"Task '{Attribute.Name}' ({TaskType.FullName}): its arguments {ArgsType.Name} or result {ResultType.Name} have no JSON form: {exception.InnerException.Message}");
        }
    }

    /// <summary>As the configuration's.</summary>
    private TimeSpan? Limit(TimeSpan? timeout) => timeout is not { } limit || (limit >= TaskOptions.ShortestTimeout && limit <= TaskOptions.LongestTimeout)
        ? timeout
        : throw new TaskSetupException($"Task '{Attribute.Name}' ({TaskType.FullName}): Timeout = \"{Attribute.Timeout}\" must be 1 ms to 30 days.");

    private TimeSpan? Duration(string text, string member)
    {
        if (text.Length == 0) return null;
        return Durations.TryParse(text, out var duration)
            ? duration
            : throw new TaskSetupException($"Task '{Attribute.Name}' ({TaskType.FullName}): {member} = \"{text}\" is no duration; write it as \"30s\" or \"1h30m\".");
    }
}

/// <summary>A task cannot be set up as it is written or configured. Found at start; the message says what to change.</summary>
public sealed class TaskSetupException : Exception
{
    public TaskSetupException()
        : this("A task cannot be set up.")
    {
    }

    public TaskSetupException(string message)
        : base(message)
    {
    }

    public TaskSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
