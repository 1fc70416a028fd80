using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks;

/// <summary>How long finished jobs of a task or a queue are kept; what is null is left to the next in line: task, queue, node.</summary>
public sealed class RetentionPolicy
{
    public const string Least = "00:01:00";
    public const string Most = "3650.00:00:00";

    /// <summary>Succeeded jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Succeeded { get; set; }

    /// <summary>Failed jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Failed { get; set; }

    /// <summary>Cancelled jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Cancelled { get; set; }

    /// <summary>Expired jobs, after their end. 1 minute to 10 years.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Expired { get; set; }
}
