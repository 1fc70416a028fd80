namespace ActorPerf.Web.Console.Parts;

/// <summary>Puts the nodes of an acyclic graph into layers from left to right, each behind all that it waits for, with few crossings. Pure.</summary>
/// <remarks>Layers by the longest way from a beginning; the order within a layer by the middle of a node's neighbours, swept forth and back a few times
/// (Sugiyama's method, without the parts that only pictures for print need).</remarks>
public sealed class GraphLayout
{
    public const int NodeWidth = 168;
    public const int NodeHeight = 46;
    private const int GapX = 64;
    private const int GapY = 16;
    private const int Edge = 12;
    private const int Sweeps = 4;

    private GraphLayout(IReadOnlyList<(int X, int Y)> places, int width, int height) => (Places, Width, Height) = (places, width, height);

    /// <summary>Upper left corner of each node's box, by its number.</summary>
    public IReadOnlyList<(int X, int Y)> Places { get; }

    public int Width { get; }
    public int Height { get; }

    /// <param name="parents">Of each node the numbers of those it waits for; smaller than its own.</param>
    public static GraphLayout Of(IReadOnlyList<IReadOnlyList<int>> parents)
    {
        var layer = new int[parents.Count];
        for (var i = 0; i < layer.Length; i++)
            foreach (var parent in parents[i]) layer[i] = Math.Max(layer[i], layer[parent] + 1);
        var layers = Enumerable.Range(0, layer.Length).GroupBy(node => layer[node]).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        Sort(layers, parents);
        var height = layers.Count == 0 ? 0 : layers.Max(Tall);
        var places = new (int, int)[parents.Count];
        for (var column = 0; column < layers.Count; column++)
        {
            var top = (height - Tall(layers[column])) / 2;
            for (var row = 0; row < layers[column].Count; row++)
                places[layers[column][row]] = (Edge + (column * (NodeWidth + GapX)), Edge + top + (row * (NodeHeight + GapY)));
        }
        return new GraphLayout(places, (layers.Count * (NodeWidth + GapX)) - GapX + (2 * Edge), height + (2 * Edge));
    }

    /// <summary>The line from one node to one that waits for it.</summary>
    public string Way(int from, int to)
    {
        var (x, y) = (Places[from].X + NodeWidth, Places[from].Y + (NodeHeight / 2));
        var (toX, toY) = (Places[to].X - 6, Places[to].Y + (NodeHeight / 2));
        var bend = Math.Min((toX - x) / 2, GapX);
        return $"M{x} {y}C{x + bend} {y} {toX - bend} {toY} {toX} {toY}";
    }

    private static int Tall(List<int> layer) => (layer.Count * (NodeHeight + GapY)) - GapY;

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
