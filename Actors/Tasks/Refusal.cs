namespace ActorPerf.Tasks;

/// <summary>Why a request was not carried out, as an answer and not as an exception: the caller's doing, or a limit that holds right now.</summary>
/// <param name="Code">One of the codes of docs/errors.md, in kebab case; stable, for programs.</param>
/// <param name="Detail">What happened, with the values, and what to do next; for people. Never a stack trace, SQL or a path.</param>
public sealed record Refusal(string Code, string Detail)
{
    /// <summary>Where in the body, as JSON pointers (RFC 6901); empty when the fault is not in the body.</summary>
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>When asking again may help; null when it will not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What may be done instead, by the names of the API's actions; empty where that is no question of actions.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];

    /// <summary>A refusal because of one or more members of the body.</summary>
    public static Refusal Invalid(string code, string detail, params IReadOnlyList<FieldFault> faults) => new(code, detail) { Faults = faults };
}

/// <summary>One faulty place of a JSON body. <paramref name="Pointer"/> is an RFC 6901 pointer such as <c>/args/n</c>; "" is the whole body.</summary>
public readonly record struct FieldFault(string Pointer, string Message);
