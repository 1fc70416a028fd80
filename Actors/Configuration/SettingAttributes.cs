namespace ActorPerf.Configuration;

/// <summary>A number of bytes: files may write it as a size, such as <c>256 MiB</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : Attribute;

/// <summary>The value is never shown: of a setting in messages, of a member of a task's arguments wherever jobs are.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class SecretAttribute : Attribute;
