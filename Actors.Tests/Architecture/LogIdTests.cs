using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>A log line is found by its id: each has one of its own, inside the block of its feature.</summary>
public sealed partial class LogIdTests
{
    private static readonly (string Catalogue, int First, int Last)[] Blocks =
    [
        .. from folder in new[] { "Actors", "Web", "Node" }
           from file in SourceTree.Files(folder, ".cs")
           where file.Code.Contains("[LoggerMessage(", StringComparison.Ordinal)
           let block = Block().Match(file.Text)
           select (file.Name,
               block.Success ? int.Parse(block.Groups[1].Value, CultureInfo.InvariantCulture) : 0,
               block.Success ? int.Parse(block.Groups[2].Value, CultureInfo.InvariantCulture) : -1),
    ];

    [Fact]
    public void Every_catalogue_says_its_block_and_no_two_blocks_meet()
    {
        Assert.NotEmpty(Blocks);
        Assert.Empty(Blocks.Where(block => block.First > block.Last).Select(block => $"{block.Catalogue} does not say 'ids A to B'"));
        var sorted = Blocks.OrderBy(block => block.First).ToList();
        Assert.Empty(sorted.Zip(sorted.Skip(1)).Where(pair => pair.First.Last >= pair.Second.First).Select(pair => $"{pair.First.Catalogue} meets {pair.Second.Catalogue}"));
    }

    [Fact]
    public void Every_log_line_has_an_id_of_its_own_inside_its_block()
    {
        var lines =
            (from block in Blocks
             from Match id in EventIds().Matches(SourceTree.Read(block.Catalogue))
             select (block, Id: int.Parse(id.Groups[1].Value, CultureInfo.InvariantCulture))).ToList();
        Assert.Empty(lines.Where(line => line.Id < line.block.First || line.Id > line.block.Last).Select(line => $"{line.block.Catalogue}: {line.Id}"));
        Assert.Empty(lines.GroupBy(line => line.Id).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.All(Blocks, block => Assert.Contains(lines, line => line.block == block));
    }

    [Fact]
    public void Log_lines_stand_in_catalogues_only() =>
        Assert.Empty(new[] { "Actors", "Web", "Node" }.SelectMany(folder => SourceTree.Files(folder, ".cs")).SelectMany(file => file.Places(Inline())));

    [GeneratedRegex(@"[Ii]ds (\d+)(?: to |-|–)(\d+)")]
    private static partial Regex Block();

    [GeneratedRegex(@"EventId = (\d+)")]
    private static partial Regex EventIds();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex Inline();
}
