using System.Globalization;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Shows a run while it goes on: on a terminal a table that is drawn over itself each second, elsewhere a line now and then.</summary>
/// <param name="silent">Nothing before the end (<c>--only-summary</c>).</param>
/// <param name="keys">What keys do, below the table; null where nobody can press any.</param>
internal sealed class LoadScreen(Shell shell, bool silent, LoadKeys? keys = null)
{
    /// <summary>Rows that a terminal of common height shows with room to spare; a run with more shows the total alone.</summary>
    private const int MostRows = 16;

    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(10);
    private TimeSpan _saidAt = -LineEvery;
    private int _drawn;

    public void Show(LoadProgress run)
    {
        if (silent) return;
        if (shell is { ErrorIsTerminal: true, Ansi: true }) Draw(run);
        else if (run.Elapsed - _saidAt >= LineEvery || run.IsFinal) Say(run);
    }

    /// <summary>Takes the table away: what follows stands in its place.</summary>
    public void Clear()
    {
        if (_drawn == 0) return;
        shell.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\u001b[{_drawn}A\u001b[J"));
        _drawn = 0;
    }

    private void Say(LoadProgress run)
    {
        _saidAt = run.Elapsed;
        var total = run.Total;
        shell.Error.WriteLine($"{LoadTable.Status(run)}; {LoadWords.Number(total.Count)} requests, {LoadWords.Number(total.Failures)} failed, {LoadWords.Number(total.CurrentPerSecond)}/s, p95 {LoadWords.Milliseconds(run.Plan.Times(total).P95)} ms");
    }

    private void Draw(LoadProgress run)
    {
        var shown = run.Requests.Count > MostRows ? run with { Requests = [] } : run;
        var text = $"{Bar(run)} {LoadTable.Status(run)}\n{LoadTable.Requests(shown, shell.Width)}{Foot(run)}";
        Clear();
        shell.Error.Write(text);
        shell.Error.Flush();
        _drawn = text.Count(static character => character == '\n');
    }

    /// <summary>One line whatever the terminal's width, for what is drawn over later is counted in lines.</summary>
    private string Foot(LoadProgress run)
    {
        if (keys is null || run.State >= LoadState.Stopping) return "";
        var text = Visible.Of(keys.Fault ?? LoadKeys.Words(run.Plan.Model));
        return $"{(text.Length < shell.Width ? text : text[..Math.Max(1, shell.Width - 1)])}\n";
    }

    private static string Bar(LoadProgress run)
    {
        const int Cells = 20;
        var full = (int)Math.Round(Math.Clamp(run.Elapsed / run.Plan.RunTime, 0, 1) * Cells);
        return $"[{new string('#', full)}{new string('.', Cells - full)}]";
    }
}
