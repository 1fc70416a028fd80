using System.Reflection;

namespace ActorPerf.Tasks;

/// <summary>Finds tasks by their attribute.</summary>
public static class TaskDiscovery
{
    /// <summary>The tasks of an assembly, public or not, in order of name.</summary>
    /// <exception cref="TaskSetupException">A task breaks a rule, or a type that the assembly needs cannot be loaded.</exception>
    public static IReadOnlyList<TaskRegistration> Find(Assembly assembly)
    {
        try
        {
            return [.. assembly.GetTypes()
                .Where(type => type.IsClass && type.IsDefined(typeof(ComputeTaskAttribute), inherit: false))
                .Select(TaskRegistration.From)
                .OrderBy(task => task.Attribute.Name, StringComparer.Ordinal)];
        }
        catch (ReflectionTypeLoadException exception)
        {
            var first = exception.LoaderExceptions.FirstOrDefault(inner => inner is not null)?.Message ?? exception.Message;
            throw new TaskSetupException($"Assembly {assembly.GetName().Name} cannot be searched for tasks: {first} Put what it needs beside it.", exception);
        }
    }
}
