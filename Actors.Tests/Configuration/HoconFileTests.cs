using System.Text;
using ActorPerf.Configuration;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Tests.Configuration;

public sealed class HoconFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_named_file_that_is_missing_is_a_fault_and_an_optional_one_is_not()
    {
        var path = _folder.At("none.hocon");
        var fault = Assert.Throws<HoconException>(() => new ConfigurationBuilder().AddHoconFile(path, optional: false).Build());
        Assert.StartsWith($"{path}:1:1: the configuration file does not exist; create it, or name another one with --config", fault.Message, StringComparison.Ordinal);
        Assert.Empty(new ConfigurationBuilder().AddHoconFile(path, optional: true).Build().AsEnumerable());
    }

    [Fact]
    public void A_directory_is_no_file()
    {
        Assert.Contains("is a directory", Refused(_folder.Root).Message, StringComparison.Ordinal);
        Assert.Throws<HoconException>(() => new ConfigurationBuilder().AddHoconFile(_folder.Root, optional: true).Build());
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("FF FE 61 00", "UTF-16")]
    [InlineData("FE FF 00 61", "UTF-16")]
    [InlineData("61 00 3D 00", "zero byte")]
    [InlineData("61 20 3D 20 31 0A 62 20 3D FF", "not UTF-8")]
    [InlineData("7F 45 4C 46 02 01 01 00 00", "zero byte")]
    public void Bytes_that_are_no_text_are_refused(string hex, string problem) =>
        Assert.Contains(problem, Refused(_folder.Write("a.hocon", Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_place_of_a_bad_byte_is_named() =>
        Assert.Equal((2, 5), Refused(_folder.Write("a.hocon", [.. "é = 1\nb = "u8, 0xC3, 0x28])) is var fault ? (fault.Origin.Line, fault.Origin.Column) : default);

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_are_accepted() =>
        Assert.Equal("a=1 b:c=2", Line(_folder.Write("a.hocon", [0xEF, 0xBB, 0xBF, .. "a = 1\r\nb {\r\n c = 2 }\r\n"u8])));

    [Fact]
    public void A_large_file_is_refused_unread()
    {
        var path = _folder.At("large.hocon");
        using (var file = File.Create(path)) file.SetLength(100_000_000);
        Assert.Contains("is larger than 1048576 bytes", Refused(path).Message, StringComparison.Ordinal);
        Assert.Equal(2, HoconReader.ReadFile(_folder.Write("full.hocon", "a = 1\n#" + new string('x', HoconLimits.MaxFileBytes - 14) + "\nb = 1")).Fields.Length);
    }

    [Fact]
    public void Files_include_one_another_relative_to_themselves()
    {
        _folder.Write("sub/one.hocon", "one = 1\ninclude \"two.hocon\"");
        _folder.Write("sub/two.hocon", "two = 2");
        _folder.Write("three.conf", "{ three = 3 }");
        var path = _folder.Write("a.hocon", "include \"sub/one.hocon\"\ninclude file(\"three.conf\"), include \"none.hocon\"\nx { include required( file(\"three.conf\") ) }\none = 0\ninclude required(\"sub/../three.conf\")");
        Assert.Equal("one=0 three=3 two=2 x:three=3", Line(path));
    }

    [Fact]
    public void Substitutions_of_an_included_file_look_below_the_place_of_the_include_first()
    {
        _folder.Write("in.hocon", "x = 10\ny = ${x}\nz = ${top}\nl += ${x}");
        Assert.Equal("a:l:0=11 a:x=11 a:y=11 a:z=5 top=5 x=1", Line(_folder.Write("a.hocon", "x = 1\ntop = 5\na { include \"in.hocon\" }\na.x = 11")));
    }

    [Fact]
    public void Faults_in_an_included_file_name_that_file()
    {
        _folder.Write("sub/in.hocon", "x = 1\ny = [");
        var fault = Refused(_folder.Write("a.hocon", "include \"sub/in.hocon\""));
        Assert.Equal(new Origin(_folder.At("sub/in.hocon"), 2, 5), fault.Origin);
    }

    [Theory]
    [InlineData("include required(\"none.hocon\")", "the required file 'none.hocon' does not exist")]
    [InlineData("include \"a.hocon\"", "'a.hocon' includes itself")]
    [InlineData("include \"./a.hocon\"", "'./a.hocon' includes itself")]
    [InlineData("include \"b.hocon\"", "'a.hocon' includes itself")]
    [InlineData("include \"/etc/passwd\"", "'/etc/passwd' is not below the folder")]
    [InlineData("include \"../outside.hocon\"", "'../outside.hocon' is not below the folder")]
    [InlineData("include \"sub/../../outside.hocon\"", "is not below the folder")]
    [InlineData("include \"\"", "'' is not below the folder")]
    [InlineData("include \"sub\"", "is a directory")]
    [InlineData("include url(\"http://x/y\")", "url(…) is refused")]
    [InlineData("include required(url(\"http://x/y\"))", "url(…) is refused")]
    [InlineData("include classpath(\"x\")", "classpath(…) is refused")]
    [InlineData("include file(\"b.hocon\"", "the include is not closed")]
    [InlineData("include file(b.hocon)", "an include names its file in quotes")]
    [InlineData("include \"link.hocon\"", "is not below the folder")]
    public void Includes_stay_below_the_folder_and_never_circle(string text, string problem)
    {
        using var outside = new TestFolder();
        File.CreateSymbolicLink(_folder.At("link.hocon"), outside.Write("secret.hocon", "a = 1"));
        _folder.Write("sub/x.hocon", "x = 1");
        _folder.Write("b.hocon", "include \"a.hocon\"");
        var fault = Refused(_folder.Write("a.hocon", "first = 1\n" + text));
        Assert.Contains(problem, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_go_ten_levels_deep()
    {
        for (var i = 1; i <= 12; i++) _folder.Write($"{i}.hocon", $"l{i} = 1\ninclude \"{i + 1}.hocon\"");
        Assert.Contains("more than 10 levels of includes", Refused(_folder.At("1.hocon")).Message, StringComparison.Ordinal);
        Assert.Equal(11, HoconReader.ReadFile(_folder.Write("11.hocon", "l11 = 1") is var _ ? _folder.At("1.hocon") : "").Fields.Length);
    }

    [Fact]
    public void Includes_that_multiply_are_refused()
    {
        for (var i = 1; i <= 9; i++) _folder.Write($"{i}.hocon", string.Concat(Enumerable.Repeat($"include \"{i + 1}.hocon\"\n", 50)));
        _folder.Write("10.hocon", "a = 1");
        Assert.Contains("more than 256 files", Refused(_folder.At("1.hocon")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_file_leaves_the_settings_as_they_were()
    {
        var path = _folder.Write("a.hocon", "a = 1");
        var root = new ConfigurationBuilder().AddHoconFile(path, optional: false).Build();
        var provider = Assert.IsType<HoconConfigurationProvider>(root.Providers.Single());
        var reloads = 0;
        using var listening = Microsoft.Extensions.Primitives.ChangeToken.OnChange(provider.GetReloadToken, () => reloads++);

        _folder.Write("a.hocon", "a = {");
        Assert.False(provider.TryReload(out var fault));
        Assert.Equal(new Origin(path, 1, 5), fault!.Origin);
        Assert.Equal(("1", 0), (root["a"], reloads));

        _folder.Write("a.hocon", "\na = 2");
        Assert.True(provider.TryReload(out _));
        Assert.Equal(("2", 1), (root["a"], reloads));
        Assert.True(root.TryGetOrigin("A", out var origin));
        Assert.Equal(new Origin(path, 2, 5), origin.Value);
    }

    [Fact]
    public void An_unreadable_file_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Run it on Linux, which has a file that opens and cannot be read, for the superuser too.");
        Assert.Contains("'/proc/self/mem' cannot be read", Refused("/proc/self/mem").Message, StringComparison.Ordinal);
    }

    private static string Line(string path) =>
        string.Join(' ', HoconFlattener.Flatten(HoconReader.ReadFile(path, Hocon.NoEnvironment)).Values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    private static HoconException Refused(string path) => Assert.Throws<HoconException>(() => HoconReader.ReadFile(path, Hocon.NoEnvironment));
}
