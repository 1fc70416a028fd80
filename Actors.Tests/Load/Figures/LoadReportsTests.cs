using ActorPerf.Load.Figures;
using ActorPerf.Tests.Node;

namespace ActorPerf.Tests.Load.Figures;

public sealed class LoadReportsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_kept_is_found_again_by_another_process()
    {
        using var folder = new TestFolder();
        var report = SampleRun.Report(failed: 2);
        await new LoadReports(folder.Root, keep: 5).KeepAsync(report, Ct);
        var other = new LoadReports(folder.Root, keep: 5);
        var line = Assert.Single(await other.ListAsync(Ct));
        Assert.Equal(LoadLine.Of(report.Run) with { PerSecond = line.PerSecond }, line);
        Assert.Equal(report.Run.Total.PerSecond, line.PerSecond, 5);
        Assert.Equal(line, Assert.Single(await other.ListAsync(Ct)));
        var found = await other.FindAsync(SampleRun.Id, Ct);
        Assert.NotNull(found);
        Assert.Equal(report.ToJson(), found.ToJson());
        Assert.Null(await other.FindAsync(Guid.Empty, Ct));
    }

    [Fact]
    public async Task The_latest_come_first_and_the_oldest_go()
    {
        using var folder = new TestFolder();
        var reports = new LoadReports(folder.Root, keep: 3);
        for (var hour = 0; hour < 5; hour++)
            await reports.KeepAsync(SampleRun.Report(id: Guid.NewGuid(), start: SampleRun.Start.AddHours(hour)) with { Moments = [] }, Ct);
        Assert.Equal([4, 3, 2], (await reports.ListAsync(Ct)).Select(line => (line.StartedAt - SampleRun.Start).TotalHours));
        Assert.Equal(3, Directory.GetFiles(folder.Root).Length);
    }

    [Fact]
    public async Task What_is_no_report_is_left_out()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.Path($"20261121T120000-{SampleRun.Id}.json"), "{\"format\":9,\"line\":{}}", Ct);
        await File.WriteAllTextAsync(folder.Path($"20261121T120001-{Guid.NewGuid()}.json"), "no json", Ct);
        await File.WriteAllTextAsync(folder.Path("notes.txt"), "mine", Ct);
        var reports = new LoadReports(folder.Root, keep: 1);
        Assert.Empty(await reports.ListAsync(Ct));
        Assert.Null(await reports.FindAsync(SampleRun.Id, Ct));
    }

    [Fact]
    public async Task Without_a_folder_nothing_is_kept()
    {
        var reports = new LoadReports("", keep: 1);
        await reports.KeepAsync(SampleRun.Report(), Ct);
        Assert.Empty(await reports.ListAsync(Ct));
    }
}
