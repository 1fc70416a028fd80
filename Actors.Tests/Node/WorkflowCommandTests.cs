using ActorPerf.Node;

namespace ActorPerf.Tests.Node;

public sealed class WorkflowCommandTests
{
    private const string Id = "0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11";

    private const string Made = """
        {"id":"0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11","name":null,"state":"running","onFailure":"continue","done":1,"total":3,"createdAt":"2026-11-22T08:00:00Z","jobs":{
        "job1":{"id":"a","task":"square","state":"succeeded","dependsOn":[],"kept":true},"job2":{"id":"b","task":"square","state":"running","dependsOn":[],"kept":false},
        "then":{"id":"c","task":"sum","state":"held","dependsOn":[{"job":"job1","on":"succeeded"},{"job":"job2","on":"finished"}],"kept":false}}}
        """;

    [Theory]
    [InlineData("chain", """{"jobs":{"step1":{"task":"square","args":{"n": 3},"dependsOn":[]},"step2":{"task":"sum","args":{},"dependsOn":["step1"]},"step3":{"task":"sum","args":[1],"dependsOn":["step2"]}}}""")]
    [InlineData("group", """{"jobs":{"job1":{"task":"square","args":{"n": 3},"dependsOn":[]},"job2":{"task":"sum","args":{},"dependsOn":[]},"job3":{"task":"sum","args":[1],"dependsOn":[]}}}""")]
    [InlineData("chord", """{"jobs":{"job1":{"task":"square","args":{"n": 3},"dependsOn":[]},"job2":{"task":"sum","args":{},"dependsOn":[]},"then":{"task":"sum","args":[1],"dependsOn":["job1","job2"]}}}""")]
    public async Task A_shape_is_written_with_commas_between_its_jobs(string shape, string body)
    {
        await using var node = await ScriptedNode.AnsweringAsync(Made, 202);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "workflow", shape, "square", """{"n": 3}""", ",", "sum", ",", "sum", "[1]"));
        Assert.Equal(Id + "\n", run.Out.ToString());
        Assert.Equal(("/api/v1/workflows", body), (node.Request.Path, node.Request.Body));
    }

    [Theory]
    [InlineData("square", "{}", "{}")]
    [InlineData("square", ",")]
    [InlineData("square", "no json")]
    public async Task A_shape_that_cannot_be_read_is_a_usage_error(params string[] words)
    {
        await using var node = await ScriptedNode.AnsweringAsync(Made, 202);
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync(["--node", node.Url, "workflow", "chain", .. words]));
        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task A_file_is_submitted_byte_for_byte()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Made, 202);
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path("w.json"), "{\"jobs\":\t{}}\n");
        Assert.Equal(ExitCodes.Done, await new CliRun { Folder = folder.Root }.InvokeAsync("--node", node.Url, "workflow", "submit", "w.json", "--idempotency-key", "k"));
        Assert.Equal(("{\"jobs\":\t{}}\n", "k"), (node.Request.Body, node.Request.Headers["Idempotency-Key"]));
    }

    [Fact]
    public async Task Show_prints_each_job_with_what_it_waits_for()
    {
        await using var node = await ScriptedNode.AnsweringAsync(Made);
        var run = new CliRun();
        Assert.Equal(ExitCodes.Done, await run.InvokeAsync("--node", node.Url, "workflow", "show", Id));
        var shown = run.Out.ToString();
        Assert.Equal($"/api/v1/workflows/{Id}", node.Request.Path);
        Assert.Contains("1 of 3", shown, StringComparison.Ordinal);
        Assert.Matches("job1 +kept +square", shown);
        Assert.Matches("  then +held +sum +job1, job2 \\(however it ends\\)", shown);
    }

    [Theory]
    [InlineData("cancel", $"/api/v1/workflows/{Id}/cancel")]
    [InlineData("rerun", $"/api/v1/workflows/{Id}/rerun?from=failed")]
    public async Task A_workflow_is_changed_by_its_id(string command, string path)
    {
        await using var node = await ScriptedNode.AnsweringAsync(Made, 202);
        Assert.Equal(ExitCodes.Done, await new CliRun().InvokeAsync("--node", node.Url, "workflow", command, Id));
        Assert.Equal(path, node.Request.Path);
        Assert.Equal(ExitCodes.Usage, await new CliRun().InvokeAsync("--node", node.Url, "workflow", command, "mine"));
    }
}
