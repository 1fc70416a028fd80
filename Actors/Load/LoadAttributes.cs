namespace ActorPerf.Load;

/// <summary>A kind of user as a class. Each user is an object of it, made with a constructor without parameters, so what it keeps in its fields is the user's own.</summary>
/// <param name="scenario">The scenario it belongs to, 1 to 64 of <c>a-z 0-9 . _ -</c>; classes of one scenario make it together.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class LoadUserAttribute(string scenario) : Attribute
{
    public string Scenario { get; } = scenario;

    /// <summary>One sentence about the scenario; the first class that has one says it.</summary>
    public string Summary { get; init; } = "";

    /// <summary>How many there are in comparison with others; at least 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>There are exactly so many, before others are shared out by weight; 0: by weight.</summary>
    public int FixedCount { get; init; }

    /// <summary>The wait between two iterations: <c>between(1s, 5s)</c>, <c>constant(2s)</c>, <c>pacing(10s)</c> or <c>throughput(0.5)</c>; empty: none.</summary>
    public string Wait { get; init; } = "";
}

/// <summary>Something that a user does: a method <c>Task|ValueTask Name(LoadSession session, CancellationToken ct)</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoadTaskAttribute : Attribute
{
    /// <summary>How often in comparison with the others; at least 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>By which runs pick tasks.</summary>
    public string[] Tags { get; init; } = [];

    /// <summary>Empty: the method's, without <c>Async</c>.</summary>
    public string Name { get; init; } = "";
}

/// <summary>What a user does before its first iteration; a method as of <see cref="LoadTaskAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoadStartAttribute : Attribute;

/// <summary>What a user does after its last iteration; a method as of <see cref="LoadTaskAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LoadStopAttribute : Attribute;
