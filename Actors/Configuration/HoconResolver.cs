using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace ActorPerf.Configuration;

/// <summary>Turns nodes into values: substitutions, concatenation, merging.</summary>
/// <remarks>
/// Evaluation is lazy: a key's value is worked out to its outermost shape only (a text, a list, an object whose fields still wait),
/// so objects may refer to one another's fields. A substitution that meets a key while that key is being worked out sees what the
/// key held before its current definition; where it held nothing, the substitution refers to itself.
/// </remarks>
internal sealed class HoconResolver
{
    private const long CellCost = 96;
    private const long DefinitionCost = 24;
    private const long ValueCost = 48;
    private readonly Shape.Fields _root;
    private readonly Func<string, string?> _environment;
    private long _spent;
    private int _waiting;
    private bool _metItself;           // why the last lookup found nothing

    public HoconResolver(HoconNode.Object root, Func<string, string?> environment)
    {
        _environment = environment;
        _root = Open(root);
    }

    /// <exception cref="HoconException">A substitution has no value, kinds do not fit, or a limit was reached.</exception>
    public HoconValue.Object Resolve() => (HoconValue.Object)Complete(_root, depth: 0);

    /// <summary>The outermost shape of a value.</summary>
    private abstract class Shape(Origin origin)
    {
        public Origin Origin { get; } = origin;

        public sealed class Text(HoconValue.Text value) : Shape(value.Origin)
        {
            public HoconValue.Text Value { get; } = value;
        }

        public sealed class Null(Origin origin) : Shape(origin);

        public sealed class Items(ImmutableArray<Shape> shapes, Origin origin) : Shape(origin)
        {
            public ImmutableArray<Shape> Shapes { get; } = shapes;
            public HoconValue? Completed { get; set; }
        }

        public sealed class Fields(Origin origin) : Shape(origin)
        {
            public Dictionary<string, Cell> ByName { get; } = new(StringComparer.Ordinal);
            public List<Cell> InOrder { get; } = [];
            public HoconValue? Completed { get; set; }
            public bool Completing { get; set; }
        }
    }

    /// <summary>A key of one object: its definitions from the lowest to the highest, and what the first n of them amount to.</summary>
    private sealed class Cell(string name, ImmutableArray<HoconDefinition> definitions)
    {
        private (bool Known, Shape? Shape)[]? _folds;

        public string Name { get; } = name;
        public ImmutableArray<HoconDefinition> Definitions { get; } = definitions;
        public Origin KeyOrigin => Definitions[^1].KeyOrigin;

        /// <summary>The definition being worked out, or -1.</summary>
        public int Active { get; set; } = -1;

        public bool TryGetFold(int top, out Shape? shape)
        {
            (var known, shape) = _folds?[top] ?? default;
            return known;
        }

        public Shape? Keep(int top, Shape? shape)
        {
            _folds ??= new (bool, Shape?)[Definitions.Length];
            _folds[top] = (true, shape);
            return shape;
        }
    }

    private Shape.Fields Open(HoconNode.Object node)
    {
        var fields = new Shape.Fields(node.Origin);
        foreach (var field in node.Fields) Add(fields, field.Name, [.. field.Definitions]);
        return fields;
    }

    /// <returns><c>null</c> where the key amounts to nothing, as with an optional substitution.</returns>
    private Shape? Evaluate(Cell cell)
    {
        if (cell.Active < 0) return Evaluate(cell, cell.Definitions.Length - 1);
        if (cell.Active > 0) return Evaluate(cell, cell.Active - 1);
        _metItself = true;
        return null;
    }

    private Shape? Evaluate(Cell cell, int top)
    {
        if (cell.TryGetFold(top, out var known)) return known;
        Wait(cell.Definitions[top].Node.Origin);
        // A run of += is worked out from its lowest one, or a long run would need a deep stack.
        var lowest = top;
        while (lowest > 0 && cell.Definitions[lowest].Node is HoconNode.Append && !cell.TryGetFold(lowest - 1, out _)) lowest--;
        for (var fold = lowest; fold < top; fold++)
            if (!cell.TryGetFold(fold, out _)) cell.Keep(fold, Fold(cell, fold));
        var shape = cell.Keep(top, Fold(cell, top));
        _waiting--;
        return shape;
    }

    private Shape? Fold(Cell cell, int top)
    {
        Shape.Fields? merged = null;
        for (var i = top; i >= 0; i--)
        {
            var shape = EvaluateDefinition(cell, i);
            if (shape is Shape.Fields below) merged = merged is null ? below : Merge(below, merged);
            else if (shape is not null) return merged ?? shape;
        }
        return merged;
    }

    private Shape? EvaluateDefinition(Cell cell, int index)
    {
        var before = cell.Active;
        cell.Active = index;
        try
        {
            return cell.Definitions[index].Node is HoconNode.Append append ? AppendTo(cell, index, append) : Evaluate(cell.Definitions[index].Node);
        }
        finally
        {
            cell.Active = before;
        }
    }

    private Shape.Items AppendTo(Cell cell, int index, HoconNode.Append append)
    {
        var before = index == 0 ? null : Evaluate(cell, index - 1);
        ImmutableArray<Shape> items = before switch
        {
            null or Shape.Null => [],
            Shape.Items list => list.Shapes,
            _ => throw new HoconException(append.Origin, $"+= appends to a list, but '{cell.Name}' holds {Kind(before)} from {before.Origin}; use = to replace it, or make it a list."),
        };
        Spend(8L * (items.Length + append.Items.Count), append.Origin);
        return new Shape.Items(Behind(items, append.Items), append.Origin);
    }

    private ImmutableArray<Shape> Behind(ImmutableArray<Shape> before, List<HoconNode> nodes)
    {
        var items = ImmutableArray.CreateBuilder<Shape>(before.Length + nodes.Count);
        items.AddRange(before);
        foreach (var node in nodes)
            if (Evaluate(node) is { } shape) items.Add(shape);
        return items.DrainToImmutable();
    }

    private Shape? Evaluate(HoconNode node)
    {
        Spend(ValueCost, node.Origin);
        return node switch
        {
            HoconNode.Text text => new Shape.Text(text.Value),
            HoconNode.Null => new Shape.Null(node.Origin),
            HoconNode.Object fields => Open(fields),
            HoconNode.List list => new Shape.Items(Behind([], list.Items), list.Origin),
            HoconNode.Reference reference => Follow(reference),
            HoconNode.Join join => Join(join),
            _ => throw new InvalidOperationException($"{node.GetType().Name} cannot stand alone."),
        };
    }

    private Shape? Follow(HoconNode.Reference reference)
    {
        _metItself = false;
        var found = reference.Prefix.Length > 0 ? Find([.. reference.Prefix, .. reference.Path]) : null;
        found ??= Find(reference.Path);
        if (found is not null) return found;
        var metItself = _metItself;
        if (_environment(reference.Name) is { } value)
        {
            Spend(2L * value.Length, reference.Origin);
            return new Shape.Text(new HoconValue.Text(value, Origin.Of($"environment variable {reference.Name}")));
        }
        if (reference.Optional) return null;
        throw new HoconException(reference.Origin, metItself
            ? $"the substitution ${{{reference.Name}}} refers to itself; give '{reference.Name}' a value before this one, or remove the substitution."
            : $"the substitution ${{{reference.Name}}} has no value; define '{reference.Name}' here or in the environment, or write ${{?{reference.Name}}} where it may be missing.");
    }

    private Shape? Find(string[] path)
    {
        var level = _root;
        for (var i = 0; ; i++)
        {
            if (!level.ByName.TryGetValue(path[i], out var cell)) return null;
            var shape = Evaluate(cell);
            if (i == path.Length - 1 || shape is null) return shape;
            if (shape is not Shape.Fields next) return null;
            level = next;
        }
    }

    private Shape? Join(HoconNode.Join join)
    {
        var parts = new List<(HoconNode Node, Shape? Shape)>(join.Parts.Count);
        foreach (var part in join.Parts) parts.Add((part, part is HoconNode.Blank ? null : Evaluate(part)));
        var shapes = parts.Select(part => part.Shape).OfType<Shape>().ToList();
        if (shapes.Count == 0) return null;
        if (shapes.TrueForAll(shape => shape is Shape.Fields)) return shapes.Cast<Shape.Fields>().Aggregate(Merge);
        if (shapes.TrueForAll(shape => shape is Shape.Items)) return JoinLists(shapes.Cast<Shape.Items>(), join.Origin);
        var odd = shapes.Find(shape => shape is Shape.Fields or Shape.Items);
        if (odd is null) return JoinTexts(parts, join.Origin);
        var other = shapes.Find(shape => shape.GetType() != odd.GetType()) ?? odd;
        throw new HoconException(join.Origin, $"{Kind(odd)} (from {odd.Origin}) and {Kind(other)} (from {other.Origin}) stand side by side; only texts, only lists or only objects can be joined. Put a comma or new line between them.");
    }

    private Shape.Items JoinLists(IEnumerable<Shape.Items> lists, Origin origin)
    {
        var items = ImmutableArray.CreateBuilder<Shape>();
        foreach (var list in lists)
        {
            Spend(8L * list.Shapes.Length, origin);
            items.AddRange(list.Shapes);
        }
        return new Shape.Items(items.ToImmutable(), origin);
    }

    private Shape.Text JoinTexts(List<(HoconNode Node, Shape? Shape)> parts, Origin origin)
    {
        var texts = parts.ConvertAll(part => (part.Node, part.Shape) switch
        {
            (HoconNode.Blank blank, _) => blank.Value,
            (_, Shape.Text text) => text.Value.Value,
            (_, Shape.Null) => "null",
            _ => "",
        });
        Spend(texts.Sum(text => 2L * text.Length), origin);
        return new Shape.Text(new HoconValue.Text(string.Concat(texts), origin));
    }

    /// <summary>Both objects' keys; where both have one, the definitions of the high one stand above those of the low one.</summary>
    private Shape.Fields Merge(Shape.Fields low, Shape.Fields high)
    {
        var merged = new Shape.Fields(high.Origin);
        foreach (var below in low.InOrder)
        {
            high.ByName.TryGetValue(below.Name, out var above);
            Add(merged, below.Name, above is null ? below.Definitions : below.Definitions.AddRange(above.Definitions));
        }
        foreach (var above in high.InOrder)
            if (!low.ByName.ContainsKey(above.Name)) Add(merged, above.Name, above.Definitions);
        return merged;
    }

    private void Add(Shape.Fields to, string name, ImmutableArray<HoconDefinition> definitions)
    {
        Spend(CellCost + (DefinitionCost * definitions.Length), to.Origin);
        var cell = new Cell(name, definitions);
        to.ByName.Add(name, cell);
        to.InOrder.Add(cell);
    }

    private HoconValue Complete(Shape shape, int depth)
    {
        if (depth > HoconLimits.MaxDepth)
            throw new HoconException(shape.Origin, $"the resolved value is deeper than {HoconLimits.MaxDepth} levels; does a substitution in it contain the value itself? Flatten it.");
        return shape switch
        {
            Shape.Text text => text.Value,
            Shape.Null => new HoconValue.Null(shape.Origin),
            Shape.Items items => items.Completed ??= Checked(new HoconValue.List([.. items.Shapes.Select(item => Complete(item, depth + 1))], items.Origin)),
            Shape.Fields fields => fields.Completed ??= CompleteFields(fields, depth),
            _ => throw new InvalidOperationException($"{shape.GetType().Name} is no value."),
        };
    }

    private HoconValue CompleteFields(Shape.Fields fields, int depth)
    {
        if (fields.Completing)
            throw new HoconException(fields.Origin, "the object contains itself through a substitution; remove the substitution, or refer to one of its settings.");
        fields.Completing = true;
        var completed = ImmutableArray.CreateBuilder<HoconField>(fields.InOrder.Count);
        foreach (var cell in fields.InOrder)
            if (Evaluate(cell) is { } shape)
                completed.Add(new HoconField(cell.Name, cell.KeyOrigin, Complete(shape, depth + 1)));
        fields.Completing = false;
        return Checked(new HoconValue.Object(completed.ToImmutable(), fields.Origin));
    }

    private static HoconValue Checked(HoconValue value) =>
        value.Weight <= HoconLimits.MaxExpansion ? value : throw TooLarge(value.Origin);

    private void Spend(long amount, Origin origin)
    {
        _spent += amount;
        if (_spent > HoconLimits.MaxExpansion) throw TooLarge(origin);
    }

    private void Wait(Origin origin)
    {
        if (++_waiting > HoconLimits.MaxChain || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new HoconException(origin, $"more than {HoconLimits.MaxChain} values wait for one another through substitutions; shorten the chain.");
    }

    private static HoconException TooLarge(Origin origin) =>
        new(origin, $"substitutions and concatenation make more than {HoconLimits.MaxExpansion / 1024 / 1024} MiB of values; repeat less.");

    private static string Kind(Shape shape) => shape switch
    {
        Shape.Fields => "an object",
        Shape.Items => "a list",
        Shape.Null => "null",
        _ => "a text",
    };
}
