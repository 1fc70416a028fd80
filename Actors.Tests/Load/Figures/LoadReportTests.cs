using System.Text;
using System.Text.Json;
using ActorPerf.Load;
using ActorPerf.Load.Figures;

namespace ActorPerf.Tests.Load.Figures;

public sealed class LoadReportTests
{
    public static TheoryData<string> Models => ["closed", "ramp", "counted", "open", "open ramp"];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_report_is_the_same_after_it_was_written_and_read(string kind)
    {
        var report = SampleRun.Report(Model(kind), failed: 3);
        var json = report.ToJson();
        var read = LoadReport.Read(json);
        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(read.ToJson()));
        Assert.Equal(LoadWords.Sentence(report.Run.Plan.Model), LoadWords.Sentence(read.Run.Plan.Model));
        Assert.Equal(report.Run.Plan.Thresholds, read.Run.Plan.Thresholds);
        Assert.Equal(report.Series[0].Response.Buckets(), read.Series[0].Response.Buckets());
        Assert.Equal((report.Series[2].Service.Min, report.Series[2].Service.Max), (read.Series[2].Service.Min, read.Series[2].Service.Max));
        Assert.Equal(HtmlReport.Write(report), HtmlReport.Write(read));
    }

    [Fact]
    public void Durations_are_seconds_and_states_words_in_JSON()
    {
        var report = SampleRun.Report() with { Moments = [] };
        using var json = JsonDocument.Parse(report.ToJson());
        var run = json.RootElement.GetProperty("run");
        Assert.Equal(("finished", "passed"), (run.GetProperty("state").GetString(), json.RootElement.GetProperty("verdict").GetString()));
        Assert.Equal(120, run.GetProperty("elapsed").GetDouble());
        Assert.Equal("2026-11-21T12:00:00.000Z", run.GetProperty("startedAt").GetString());
        Assert.Equal(report.Run.Total.Service.P95.TotalSeconds, run.GetProperty("total").GetProperty("service").GetProperty("percentiles").GetProperty("95").GetDouble(), 6);
        Assert.Equal("http_req_duration:p(95)<200", run.GetProperty("plan").GetProperty("thresholds")[0].GetString());
        Assert.Equal(20, run.GetProperty("plan").GetProperty("model").GetProperty("users").GetInt32());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("plan").GetProperty("key").ValueKind);
    }

    [Theory]
    [InlineData(0, LoadState.Finished, LoadVerdict.Passed)]
    [InlineData(0, LoadState.Running, LoadVerdict.Open)]
    [InlineData(0, LoadState.Failed, LoadVerdict.Broken)]
    [InlineData(3, LoadState.Finished, LoadVerdict.ThresholdFailed)]
    [InlineData(0, LoadState.Aborted, LoadVerdict.ThresholdFailed)]
    public void The_verdict_is_the_worst_there_is_to_say(int failed, LoadState state, LoadVerdict verdict)
    {
        Assert.Equal(verdict, SampleRun.Report(failed: failed, state: state).Verdict);
        var alone = SampleRun.Report(failed: failed, state: state).Run with { Thresholds = [] };
        if (failed > 0) Assert.Equal(LoadVerdict.FailuresSeen, LoadVerdicts.Of(alone));
    }

    private static LoadModel Model(string kind) => kind switch
    {
        "closed" => new LoadModel.Closed(20, 2.5),
        "ramp" => new LoadModel.Closed(0, 1) { Stages = [new LoadStage(TimeSpan.FromSeconds(30), 100), new LoadStage(TimeSpan.Zero, 10)] },
        "counted" => new LoadModel.Closed(4, 1) { Iterations = 1_000, IterationsPerUser = 250 },
        "open" => new LoadModel.Open(250) { TimeUnit = TimeSpan.FromMinutes(1), MaxUsers = 50, PreAllocatedUsers = 5, Backlog = 0 },
        _ => new LoadModel.Open(0) { Stages = [new LoadStage(TimeSpan.FromSeconds(90), 500)] },
    };
}
