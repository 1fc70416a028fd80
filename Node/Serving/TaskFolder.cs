using System.Reflection;
using System.Runtime.Loader;
using ActorPerf.Tasks;

namespace ActorPerf.Node.Serving;

/// <summary>Loads assemblies with tasks from a folder, each with its own dependencies beside it.</summary>
internal static class TaskFolder
{
    /// <param name="path">Relative to the current folder; empty, or a folder that is not there, gives none.</param>
    /// <exception cref="TaskSetupException">A file there cannot be loaded.</exception>
    public static IReadOnlyList<Assembly> Load(string path)
    {
        if (path.Length == 0 || !Directory.Exists(path)) return [];
        var assemblies = new List<Assembly>();
        foreach (var file in Directory.EnumerateFiles(Path.GetFullPath(path), "*.dll").Order(StringComparer.Ordinal))
        {
            try
            {
                var context = new FolderContext(file);
                var assembly = context.LoadFromAssemblyPath(file);
                if (ReferencesTasks(assembly)) assemblies.Add(assembly);
            }
            catch (Exception fault) when (fault is BadImageFormatException or FileLoadException or FileNotFoundException)
            {
                throw new TaskSetupException($"{file} in the task folder cannot be loaded: {fault.Message} Take it out, or build it for .NET {Environment.Version.Major}.", fault);
            }
        }
        return assemblies;
    }

    // Dependencies lie beside the tasks; only what knows our interfaces can hold tasks.
    private static bool ReferencesTasks(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Any(name => name.Name == typeof(IComputeTask<,>).Assembly.GetName().Name);

    /// <summary>Finds dependencies beside the assembly, and gives this program's own where it has them: a task's interfaces must be ours.</summary>
    private sealed class FolderContext(string assembly) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(assembly))
    {
        private readonly AssemblyDependencyResolver _resolver = new(assembly);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (Default.Assemblies.Any(loaded => loaded.GetName().Name == assemblyName.Name)) return null;
            if (_resolver.ResolveAssemblyToPath(assemblyName) is { } resolved) return LoadFromAssemblyPath(resolved);
            var beside = Path.Combine(Path.GetDirectoryName(assembly)!, assemblyName.Name + ".dll");
            return File.Exists(beside) ? LoadFromAssemblyPath(beside) : null;
        }
    }
}
