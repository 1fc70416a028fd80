using System.Text.RegularExpressions;
using ActorPerf.Configuration;
using ActorPerf.Data;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Relations between the settings under <c>actorperf.data</c>, and their names.</summary>
internal static partial class DataSettings
{
    public static void Check(IConfiguration configuration, DataOptions options, ICollection<ConfigurationFault> faults)
    {
        foreach (var kind in options.Kinds.Keys.Concat(options.Lookups.Keys).Distinct(StringComparer.Ordinal))
        {
            var section = options.Lookups.ContainsKey(kind) ? "lookups" : "kinds";
            if (!Key.IsKind(kind)) Add($"data.{section}.{kind}", $"'{kind}' is no kind: use 1 to {Key.MaxKindLength} of A-Z a-z 0-9 . _ -, beginning with a letter.");
            else if (options.Lookups.ContainsKey(kind) && options.Kinds.ContainsKey(kind))
                Add($"data.kinds.{kind}", $"'{kind}' is a lookup (actorperf.data.lookups.{kind}): its indexes are its own database's. Remove it here.");
        }
        foreach (var (name, query) in options.Queries)
        {
            if (!TaskNames.IsValid(name)) Add($"data.queries.{name}", $"'{name}' is no task name: use {TaskNames.Rule}.");
            if (!TaskNames.IsValid(query.Queue)) Add($"data.queries.{name}.queue", $"'{query.Queue}' is no queue name: use {TaskNames.Rule}.");
            foreach (var parameter in query.Parameters.Keys.Where(parameter => !Parameter().IsMatch(parameter)))
                Add($"data.queries.{name}.parameters.{parameter}", $"'{parameter}' is no name of a parameter: use letters, digits and _, beginning with a letter.");
        }

        void Add(string setting, string message) => faults.Add(ActorPerfSettings.Fault(configuration, setting, message));
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]{0,63}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}
