namespace ActorPerf.Web.Console.Parts;

/// <summary>Puts the nodes of an acyclic graph into layers from left to right, each behind all that it waits for, with few crossings. Pure.</summary>
/// <remarks>Layers by the longest way from a beginning; the order within a layer by the middle of a node's neighbours, swept forth and back a few times
/// (Sugiyama's method, without the parts that only pictures for print need).</remarks>
public sealed class GraphLayout
{
    private const int GapX = 64;
    private const int Edge = 12;
    private const int Sweeps = 4;

    /// <summary>More nodes than this are drawn small, so that all of them are still seen together.</summary>
    private const int MostLarge = 40;

    private GraphLayout(bool isSmall) => IsSmall = isSmall;

    /// <summary>Boxes hold a name and nothing else.</summary>
    public bool IsSmall { get; }

    public int NodeWidth => IsSmall ? 132 : 168;
    public int NodeHeight => IsSmall ? 24 : 46;
    private int GapY => IsSmall ? 8 : 16;

    /// <summary>A longer layer goes on in columns beside its first.</summary>
    private int MostRows => IsSmall ? 25 : 14;

    /// <summary>Upper left corner of each node's box, by its number.</summary>
    public IReadOnlyList<(int X, int Y)> Places { get; private set; } = [];

    public int Width { get; private set; }
    public int Height { get; private set; }

    /// <param name="parents">Of each node the numbers of those it waits for; smaller than its own.</param>
    public static GraphLayout Of(IReadOnlyList<IReadOnlyList<int>> parents)
    {
        var layer = new int[parents.Count];
        for (var i = 0; i < layer.Length; i++)
            foreach (var parent in parents[i]) layer[i] = Math.Max(layer[i], layer[parent] + 1);
        var layers = Enumerable.Range(0, layer.Length).GroupBy(node => layer[node]).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        Sort(layers, parents);
        var layout = new GraphLayout(parents.Count > MostLarge);
        layout.Place([.. layers.SelectMany(nodes => Columns(nodes, layout.MostRows))], parents.Count);
        return layout;
    }

    /// <param name="columns">Whether a column begins a layer, and its nodes from top to bottom.</param>
    private void Place(IReadOnlyList<(bool IsFirst, IReadOnlyList<int> Nodes)> columns, int count)
    {
        var places = new (int, int)[count];
        var tallest = columns.Count == 0 ? 0 : columns.Max(column => Tall(column.Nodes));
        var x = Edge - GapX;
        foreach (var (isFirst, nodes) in columns)
        {
            x += isFirst ? GapX : GapX / 4;
            var top = Edge + ((tallest - Tall(nodes)) / 2);
            for (var row = 0; row < nodes.Count; row++) places[nodes[row]] = (x, top + (row * (NodeHeight + GapY)));
            x += NodeWidth;
        }
        (Places, Width, Height) = (places, x + Edge, tallest + (2 * Edge));
    }

    private static IEnumerable<(bool IsFirst, IReadOnlyList<int> Nodes)> Columns(List<int> layer, int mostRows)
    {
        var columns = (layer.Count + mostRows - 1) / mostRows;
        var rows = (layer.Count + columns - 1) / columns;
        return layer.Chunk(rows).Select((nodes, i) => (i == 0, (IReadOnlyList<int>)nodes));
    }

    /// <summary>The line from one node to one that waits for it.</summary>
    public string Way(int from, int to)
    {
        var (x, y) = (Places[from].X + NodeWidth, Places[from].Y + (NodeHeight / 2));
        var (toX, toY) = (Places[to].X - 6, Places[to].Y + (NodeHeight / 2));
        var bend = Math.Min((toX - x) / 2, GapX);
        return $"M{x} {y}C{x + bend} {y} {toX - bend} {toY} {toX} {toY}";
    }

    private int Tall(IReadOnlyList<int> nodes) => (nodes.Count * (NodeHeight + GapY)) - GapY;

    private static void Sort(List<List<int>> layers, IReadOnlyList<IReadOnlyList<int>> parents)
    {
        var children = new List<int>[parents.Count];
        for (var i = 0; i < children.Length; i++) children[i] = [];
        for (var i = 0; i < parents.Count; i++)
            foreach (var parent in parents[i]) children[parent].Add(i);
        var rank = new double[parents.Count];
        foreach (var layer in layers) Rank(layer, rank);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var forth = sweep % 2 == 0;
            foreach (var layer in forth ? layers.Skip(1) : layers.AsEnumerable().Reverse().Skip(1))
            {
                var middle = layer.ToDictionary(node => node, node => Middle(forth ? parents[node] : children[node], rank, rank[node]));
                layer.Sort((a, b) => middle[a] != middle[b] ? middle[a].CompareTo(middle[b]) : a.CompareTo(b));
                Rank(layer, rank);
            }
        }
    }

    /// <summary>Where a node stands in its layer, as a share of it: layers of different length then compare.</summary>
    private static void Rank(List<int> layer, double[] rank)
    {
        for (var row = 0; row < layer.Count; row++) rank[layer[row]] = (row + 0.5) / layer.Count;
    }

    private static double Middle(IReadOnlyList<int> neighbours, double[] rank, double own) => neighbours.Count == 0 ? own : neighbours.Average(node => rank[node]);
}
