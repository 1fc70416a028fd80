namespace ActorPerf.Kernel;

/// <summary>Reads <c>akka.scheduler.implementation</c>: the assembly-qualified name of a scheduler, such as the TestKit's virtual one.</summary>
internal static class SchedulerChoice
{
    public static IScheduler? From(Config config)
    {
        if (config.GetString("akka.scheduler.implementation") is not { Length: > 0 } name) return null;
        var type = Type.GetType(name, throwOnError: false);
        if (type is null || !typeof(IScheduler).IsAssignableFrom(type) || type.GetConstructor([typeof(Config)]) is null)
        {
            throw new ConfigurationException(
                $"akka.scheduler.implementation is '{name}', which is no scheduler with a constructor that takes a Config. Give an assembly-qualified name, or remove the setting.");
        }
        return (IScheduler)Activator.CreateInstance(type, config)!;
    }
}
