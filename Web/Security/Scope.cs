namespace ActorPerf.Web.Security;

/// <summary>What a key may do; a set. <c>operate</c> includes read and submit, <c>admin</c> includes everything; read and submit stand alone.</summary>
[Flags]
public enum Scope
{
    None = 0,

    /// <summary>See jobs, results, queues, tasks, cache, cluster.</summary>
    Read = 1,

    /// <summary>Submit jobs and compute; see the answer to that and no more.</summary>
    Submit = 2,

    /// <summary>Change what others submitted: cancel, invalidate.</summary>
    Operate = 4,

    /// <summary>Change the node and the cluster.</summary>
    Admin = 8,
}

public static class Scopes
{
    /// <summary>Reads one scope and adds what it includes.</summary>
    public static bool TryParse(string? word, out Scope scope)
    {
        scope = word switch
        {
            "read" => Scope.Read,
            "submit" => Scope.Submit,
            "operate" => Scope.Operate | Scope.Read | Scope.Submit,
            "admin" => Scope.Admin | Scope.Operate | Scope.Read | Scope.Submit,
            _ => Scope.None,
        };
        return scope != Scope.None;
    }

    internal static string Word(this Scope scope) => scope switch
    {
        Scope.Read | Scope.Submit => "read' and 'submit",
        Scope.Read => "read",
        Scope.Submit => "submit",
        Scope.Operate => "operate",
        Scope.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "One scope is needed."),
    };
}
