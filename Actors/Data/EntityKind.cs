using System.Text.Json.Serialization.Metadata;

namespace ActorPerf.Data;

/// <summary>A kind of entities and the type they are read into, mapped by generated JSON code:
/// <c>public static readonly EntityKind&lt;Account&gt; Accounts = new("Account", ShopJson.Default.Account) { Indexes = ["email"] };</c></summary>
public abstract record EntityKind
{
    /// <exception cref="ArgumentException"><paramref name="name"/> breaks the rule of <see cref="Key.Kind"/>.</exception>
    private protected EntityKind(string name)
    {
        Key.CheckKind(name);
        Name = name;
    }

    public string Name { get; }

    /// <summary>Paths into the JSON that queries filter or order by, such as <c>email</c> or <c>address.city</c>; several with a comma make one index over
    /// them in that order (<c>city,-createdAt</c>). Made when a node starts with the kind registered, and dropped when one starts without.</summary>
    public IReadOnlyList<string> Indexes { get; init; } = [];
}

/// <inheritdoc cref="EntityKind"/>
public sealed record EntityKind<T>(string Name, JsonTypeInfo<T> Json) : EntityKind(Name);
