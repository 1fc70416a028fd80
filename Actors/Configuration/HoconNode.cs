namespace ActorPerf.Configuration;

/// <summary>What the parser saw, before substitutions. Nodes are owned by one parent, so the parser may extend them in place.</summary>
internal abstract class HoconNode(Origin origin)
{
    public Origin Origin { get; } = origin;

    /// <summary>Whether a substitution stands anywhere inside, so that the final value is not yet known.</summary>
    public abstract bool HasReference { get; }

    public sealed class Text(string value, Origin origin) : HoconNode(origin)
    {
        /// <summary>The value itself: nothing about a text is left to resolve.</summary>
        public HoconValue.Text Value { get; } = new(value, origin);
        public override bool HasReference => false;
    }

    /// <summary>White space between two parts of a concatenation: kept between strings, dropped between lists or objects.</summary>
    public sealed class Blank(string value, Origin origin) : HoconNode(origin)
    {
        public string Value { get; } = value;
        public override bool HasReference => false;
    }

    public sealed class Null(Origin origin) : HoconNode(origin)
    {
        public override bool HasReference => false;
    }

    public sealed class List(Origin origin) : HoconNode(origin)
    {
        private bool _hasReference;

        public List<HoconNode> Items { get; } = [];
        public override bool HasReference => _hasReference;

        public void Add(HoconNode item)
        {
            Items.Add(item);
            _hasReference |= item.HasReference;
        }
    }

    /// <summary>Elements that <c>+=</c> puts behind whatever the key held before, in this object or in one below it in a merge.</summary>
    public sealed class Append(Origin origin) : HoconNode(origin)
    {
        private bool _hasReference;

        public List<HoconNode> Items { get; } = [];
        public override bool HasReference => _hasReference;

        public void Add(HoconNode item)
        {
            Items.Add(item);
            _hasReference |= item.HasReference;
        }
    }

    public sealed class Join(List<HoconNode> parts, Origin origin) : HoconNode(origin)
    {
        public List<HoconNode> Parts { get; } = parts;
        public override bool HasReference { get; } = parts.Exists(part => part.HasReference);
    }

    /// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
    /// <param name="path">The path as written.</param>
    /// <param name="prefix">Where the file that holds it was included: it is looked up below that place first.</param>
    public sealed class Reference(string[] path, string[] prefix, bool optional, Origin origin) : HoconNode(origin)
    {
        public string[] Path { get; } = path;
        public string[] Prefix { get; } = prefix;
        public bool Optional { get; } = optional;
        public string Name => string.Join('.', Path);
        public override bool HasReference => true;
    }

    public sealed class Object(Origin origin) : HoconNode(origin)
    {
        private readonly Dictionary<string, HoconFieldNode> _byName = new(StringComparer.Ordinal);

        public List<HoconFieldNode> Fields { get; } = [];

        // An object's fields are resolved one by one and on demand, so the object itself never waits for a substitution.
        public override bool HasReference => true;

        public HoconFieldNode Field(string name)
        {
            if (_byName.TryGetValue(name, out var field)) return field;
            field = new HoconFieldNode(name);
            _byName.Add(name, field);
            Fields.Add(field);
            return field;
        }
    }
}

/// <summary>One key of an object with its definitions, the lowest first; later ones replace, merge with or append to earlier ones.</summary>
internal sealed class HoconFieldNode(string name)
{
    public string Name { get; } = name;
    public List<HoconDefinition> Definitions { get; } = [];

    /// <summary>Adds a definition, and drops or extends earlier ones where the outcome is already certain.</summary>
    public void Define(HoconDefinition definition)
    {
        switch (definition.Node)
        {
            case HoconNode.Object added when Top is HoconNode.Object below:
                foreach (var field in added.Fields)
                    foreach (var inner in field.Definitions) below.Field(field.Name).Define(inner);
                Definitions[^1] = new HoconDefinition(definition.KeyOrigin, below);
                return;
            case HoconNode.Append added when Top is HoconNode.List { HasReference: false } list && !added.HasReference:
                added.Items.ForEach(list.Add);
                return;
            case HoconNode.Append added when Top is HoconNode.Append { HasReference: false } append && !added.HasReference:
                added.Items.ForEach(append.Add);
                return;
            case HoconNode.Append or HoconNode.Object or { HasReference: true }:
                break;
            default:
                Definitions.Clear();
                break;
        }
        Definitions.Add(definition);
    }

    /// <summary>The object that a path such as <c>a.b = 1</c> extends, made where there is none.</summary>
    public HoconNode.Object Open(Origin keyOrigin)
    {
        var open = Top as HoconNode.Object;
        if (open is null) Define(new HoconDefinition(keyOrigin, open = new HoconNode.Object(keyOrigin)));
        else Definitions[^1] = new HoconDefinition(keyOrigin, open);
        return open;
    }

    private HoconNode? Top => Definitions.Count == 0 ? null : Definitions[^1].Node;
}

/// <summary>One statement about a key.</summary>
internal readonly record struct HoconDefinition(Origin KeyOrigin, HoconNode Node);
