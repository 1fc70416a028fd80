using System.Reflection;

namespace ActorPerf.Node;

/// <summary>This program's version.</summary>
public static class ProgramVersion
{
    /// <summary>Such as <c>0.1.0</c>, without the build's revision.</summary>
    public static string Short { get; } =
        (typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];
}
