namespace ActorPerf.Configuration;

/// <summary>A number of bytes: files may write it as a size, such as <c>256 MiB</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteSizeAttribute : Attribute;

/// <summary>Messages never show the value.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
