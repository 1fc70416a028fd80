namespace ActorPerf.Node.Commands;

/// <summary>What a configuration keeps of a key.</summary>
/// <param name="Hash"><c>sha256:…</c>.</param>
/// <param name="Namespaces">Empty: any.</param>
/// <param name="Where">File and line, for people; empty while it stands nowhere yet.</param>
internal sealed record KeyEntry(string Name, string Hash, IReadOnlyList<string> Scopes, IReadOnlyList<string> Namespaces, string Where)
{
    /// <summary>As an entry of <c>actorperf.http.auth.keys</c>.</summary>
    public string AsConfiguration() =>
        $"{(Name.Contains('.') ? $"\"{Name}\"" : Name)} {{ hash = \"{Hash}\", scopes = [{string.Join(", ", Scopes)}]{NamespacesWhere(", namespaces = [", ", ", "]")} }}";

    /// <summary>As a line of a keys file.</summary>
    public string AsLine() => $"{Name} {Hash} scopes={string.Join(',', Scopes)}{NamespacesWhere(" namespaces=", ",", "")}";

    /// <summary>Enough of the hash to tell keys apart.</summary>
    public string ShortHash() => Hash.Length > 19 ? Hash[..19] + "…" : Hash;

    private string NamespacesWhere(string before, string between, string after) =>
        Namespaces.Count == 0 ? "" : before + string.Join(between, Namespaces) + after;
}
