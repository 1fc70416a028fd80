using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

public sealed class LaunchArgumentsTests
{
    [Fact]
    public void Without_a_command_it_serves() => Serves([], []);

    [Fact]
    public void What_configures_a_node_reaches_serve_untouched_and_in_order() => Serves(
        ["--http:url", "http://127.0.0.1:9000", "--config", "a.hocon", "--nodes=3", "--storage:connection-string", "Data Source=x"],
        ["--http:url", "http://127.0.0.1:9000", "--config", "a.hocon", "--nodes=3", "--storage:connection-string", "Data Source=x"]);

    [Fact]
    public void Settings_may_stand_on_both_sides_of_serve() =>
        Serves(["--config", "a.hocon", "serve", "--http:url", "http://[::1]:9000", "--unknown"], ["--config", "a.hocon", "--http:url", "http://[::1]:9000", "--unknown"]);

    [Fact]
    public void An_unknown_option_alone_is_for_serve_to_refuse() => Serves(["--frob"], ["--frob"]);

    [Fact]
    public void Settings_may_stand_anywhere_about_a_command()
    {
        var sorted = LaunchArguments.Sort(["--config", "a.hocon", "verify", "--offline", "--storage:connection-string", "Data Source=x"]);
        Assert.False(sorted.Serve);
        Assert.Equal(["verify", "--offline"], sorted.Command);
        Assert.Equal(["--config", "a.hocon", "--storage:connection-string", "Data Source=x"], sorted.Configuration);
    }

    [Fact]
    public void An_address_before_the_command_names_the_node() =>
        Assert.Equal(["--node", "127.0.0.1:9110", "cluster", "show"], LaunchArguments.Sort(["127.0.0.1:9110", "cluster", "show"]).Command);

    [Fact]
    public void As_pbm_it_reads_an_address_and_a_command_and_never_serves()
    {
        Assert.Equal(["--node", "127.0.0.1:9110", "cluster", "show"], LaunchArguments.Sort(["pbm", "127.0.0.1:9110", "cluster", "show"]).Command);
        Assert.False(LaunchArguments.Sort(["pbm"]).Serve);
        Assert.False(LaunchArguments.Sort(["pbm", "127.0.0.1:9110"]).Serve);
    }

    [Fact]
    public void What_follows_a_double_dash_is_left_to_the_command() =>
        Assert.Equal(["compute", "square", "--", "--a:b"], LaunchArguments.Sort(["compute", "square", "--", "--a:b"]).Command);

    [Fact]
    public void Json_that_looks_like_an_option_is_no_setting() =>
        Assert.Equal(["compute", "square", "--{\"a:b\"}"], LaunchArguments.Sort(["compute", "square", "--{\"a:b\"}"]).Command);

    [Fact]
    public void Help_is_never_taken_for_a_wish_to_serve()
    {
        Assert.False(LaunchArguments.Sort(["--help"]).Serve);
        Assert.False(LaunchArguments.Sort(["serve", "-h"]).Serve);
    }

    private static void Serves(string[] arguments, string[] expected)
    {
        var sorted = LaunchArguments.Sort(arguments);
        Assert.True(sorted.Serve);
        Assert.Equal(expected, sorted.Configuration);
    }
}
