using System.Diagnostics;
using System.Text;
using ActorPerf.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconFuzzTests
{
    private static readonly string[] Pieces =
    [
        "a", "b", "c", ".", "=", ":", "+=", "{", "}", "[", "]", ",", "\n", "\r\n", " ", "\t", "\"", "\"\"\"", "\\", "\\u", "00e9", "${", "${?", "}", "a.b", "${a}", "${?b}", "${a.b}",
        "#", "//", "/", "include", "include \"x\"", "required(", ")", "null", "1", "-1.5e3", "30s", "$", "@", "é", "\u00a0", "\uFEFF", "😀", "\ud800", "\u0001", "*", "a = ", "a { ", "a += ",
    ];

    private const string Sample = """"
        # a node
        actorperf { http { url = "http://x", hosts = [a, "b\n"] }, max = 256 MiB
          tasks { report { command = ["python3", "report.py"], memoize = 5m } } }
        base { l = [1, 2], o { x = 1 } }
        copy = ${base} { l += 3, o.y = ${base.o.x} }
        path = /a
        path = ${path}":/b"
        text = x ${?HOME} """three
        lines"""
        """";

    [Fact]
    public void Random_pieces_never_crash_or_hang() => Run(seed: 20261121, count: 10_000, random =>
    {
        var text = new StringBuilder();
        for (var i = random.Next(1, 40); i > 0; i--) text.Append(Pieces[random.Next(Pieces.Length)]);
        return text.ToString();
    });

    [Fact]
    public void Mutated_files_never_crash_or_hang() => Run(seed: 4711, count: 5_000, random =>
    {
        var text = new StringBuilder(Sample);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0: text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at)); break;
                case 1: text.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                case 2: text[at] = (char)random.Next(1, 0x250); break;
                default: text.Insert(random.Next(text.Length), text.ToString(at, Math.Min(30, text.Length - at))); break;
            }
            if (text.Length == 0) text.Append(' ');
        }
        return text.ToString();
    });

    [Fact]
    public void Random_graphs_of_substitutions_never_crash_or_hang() => Run(seed: 99, count: 3_000, random =>
    {
        string Path() => string.Join('.', Enumerable.Range(0, random.Next(1, 3)).Select(_ => (char)('a' + random.Next(4))));
        string Value(int depth) => random.Next(depth > 3 ? 3 : 6) switch
        {
            0 => "1",
            1 => $"${{{Path()}}}",
            2 => $"${{?{Path()}}}",
            3 => $"[{Value(depth + 1)}, {Value(depth + 1)}]",
            4 => $"{{ {Path()} = {Value(depth + 1)}\n {Path()} += {Value(depth + 1)} }}",
            _ => $"{Value(depth + 1)} {Value(depth + 1)}",
        };
        return string.Join('\n', Enumerable.Range(0, random.Next(1, 12)).Select(_ => $"{Path()} {(random.Next(4) == 0 ? "+=" : "=")} {Value(0)}"));
    });

    [Fact]
    public void Random_bytes_never_crash_the_file_reader() => Run(seed: 5, count: 5_000, random =>
    {
        var bytes = new byte[random.Next(0, 60)];
        random.NextBytes(bytes);
        return HoconFiles.Decode(bytes, "a.hocon");
    });

    private static void Run(int seed, int count, Func<Random, string> make)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = "";
            var clock = Stopwatch.StartNew();
            try
            {
                text = make(random);
                Hocon.Flat(text);
            }
            catch (HoconException fault)
            {
                Assert.True(fault.Origin.Line > 0 || fault.Origin.Source.StartsWith("environment", StringComparison.Ordinal), $"seed {seed}, case {i}: no place in '{fault.Message}' for\n{text}");
            }
            catch (Exception other) when (other is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}, case {i}: {other}\nfor\n{text}");
            }
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"seed {seed}, case {i}: {clock.Elapsed} for\n{text}");
        }
    }
}
