using ActorPerf.Tasks;
using ActorPerf.Web.Console.Access;

namespace ActorPerf.Web.Console;

/// <summary>Who looks at which part of the console, and from where: what every page needs besides its own model.</summary>
public sealed record ConsoleView
{
    public required Links Links { get; init; }
    public required Namespace Namespace { get; init; }
    public required ConsoleRights Rights { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Scheme, host and prefix, as the caller wrote them: for lines to copy.</summary>
    public required string Origin { get; init; }

    /// <summary>This page's own path and query: where a form of the frame comes back to.</summary>
    public required string Here { get; init; }

    /// <summary><c>system</c>, <c>light</c> or <c>dark</c>.</summary>
    public string Theme { get; init; } = "system";

    /// <summary>Name and value of the hidden field that proves a form to be ours; made when the first form is rendered.</summary>
    public required Lazy<KeyValuePair<string, string>> FormToken { get; init; }

    /// <summary>Keys are configured: calls carry one, and the console is behind a sign-in.</summary>
    public bool SignInRequired { get; init; }

    /// <summary>Name of the key that was used to sign in, or of the host's user; null when nobody is.</summary>
    public string? SignedInAs { get; init; }

    /// <summary>Signed in by the application that hosts the console, which also signs out.</summary>
    public bool IsHostsUser { get; init; }
}
