using System.Security.Claims;
using ActorPerf.Tasks;
using ActorPerf.Web.Security;

namespace ActorPerf.Web.Console.Access;

/// <summary>The scopes of API.md. <see cref="Admin"/> contains the others.</summary>
[Flags]
public enum Right
{
    None = 0,
    Read = 1,
    Submit = 2,
    Operate = 4,
    Admin = 8,
}

/// <summary>What a visitor may see and do.</summary>
/// <param name="Granted">Scopes held.</param>
/// <param name="Namespaces">Namespaces allowed; empty: all.</param>
public sealed record ConsoleRights(Right Granted, IReadOnlyList<string> Namespaces)
{
    public const string ScopeClaim = "actorperf:scope";
    public const string NamespaceClaim = "actorperf:namespace";

    /// <summary>Where no keys are configured.</summary>
    public static ConsoleRights Everything { get; } = new(Right.Read | Right.Submit | Right.Operate | Right.Admin, []);

    public static ConsoleRights Nothing { get; } = new(Right.None, []);

    public static ConsoleRights Of(ClaimsPrincipal principal) => new(
        principal.FindAll(ScopeClaim).Aggregate(Right.None, (granted, claim) => granted | Parse(claim.Value)),
        [.. principal.FindAll(NamespaceClaim).Select(claim => claim.Value)]);

    internal static ConsoleRights Of(Caller caller) => new((Right)(int)caller.Scopes, [.. (caller.Namespaces ?? new HashSet<Namespace>()).Select(ns => ns.Name)])
    {
        IsBound = caller.Namespaces is not null,
    };

    /// <summary>Only <see cref="Namespaces"/> are seen, also where there are none.</summary>
    public bool IsBound { get; init; } = Namespaces.Count > 0;

    public bool May(Right right) => right == Right.None || Granted.HasFlag(Right.Admin) || Granted.HasFlag(right);

    /// <summary>For what belongs to all namespaces together, such as queues and nodes: whoever is bound to some may not.</summary>
    public bool MayForAll(Right right) => !IsBound && May(right);

    public bool Sees(Namespace ns) => !IsBound || Namespaces.Contains(ns.Name, StringComparer.Ordinal);

    /// <summary>The namespace that opens when the address names none.</summary>
    public Namespace Home => Sees(Namespace.Default) || Namespaces.Count == 0 || !Namespace.TryParse(Namespaces[0], out var first) ? Namespace.Default : first;

    private static Right Parse(string scope) => scope switch
    {
        "read" => Right.Read,
        "submit" => Right.Submit,
        "operate" => Right.Operate,
        "admin" => Right.Admin,
        _ => Right.None,
    };
}
