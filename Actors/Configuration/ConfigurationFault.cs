using System.Collections.Immutable;

namespace ActorPerf.Configuration;

/// <summary>One thing wrong with the settings.</summary>
/// <param name="Setting">The setting as files spell it, such as <c>actorperf.cache.max-entries</c>.</param>
/// <param name="Problem">What is wrong, the value, and what to do, as one or more sentences.</param>
/// <param name="Origin">Where it was written; <c>null</c> where it was not, as with a default or a missing setting.</param>
public sealed record ConfigurationFault(string Setting, string Problem, Origin? Origin)
{
    /// <summary>A file that could not be read is one fault.</summary>
    public static ConfigurationFault From(HoconException fault) => new("", fault.Problem, fault.Origin);

    /// <returns><c>FILE:LINE:COLUMN: problem</c></returns>
    public override string ToString() => Origin is { } origin ? $"{origin}: {Problem}" : Problem;
}

/// <summary>The settings are wrong. All faults that were found are here, so that a start-up can print them together.</summary>
public sealed class ConfigurationFaultException : Exception
{
    /// <summary>What a process exits with when its configuration is wrong (EX_CONFIG).</summary>
    public const int ExitCode = 78;

    /// <param name="faults">At least one.</param>
    public ConfigurationFaultException(IEnumerable<ConfigurationFault> faults)
        : this([.. faults])
    {
    }

    private ConfigurationFaultException(ImmutableArray<ConfigurationFault> faults)
        : base(string.Join(System.Environment.NewLine, faults)) => Faults = faults;

    public ImmutableArray<ConfigurationFault> Faults { get; }

    /// <summary>Does nothing where there is no fault.</summary>
    public static void ThrowIfAny(IReadOnlyCollection<ConfigurationFault> faults)
    {
        if (faults.Count > 0) throw new ConfigurationFaultException(faults);
    }
}
