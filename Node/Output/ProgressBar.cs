using System.Text;
using Spectre.Console;

namespace ActorPerf.Node.Output;

/// <summary>A progress bar on standard error while something is waited for; where that is no terminal, nothing at all.</summary>
internal sealed class ProgressBar
{
    private readonly ProgressTask? _task;
    private readonly string _title;

    private ProgressBar(ProgressTask? task, string title) => (_task, _title) = (task, title);

    /// <summary>Shows the bar while <paramref name="work"/> runs, then takes it away.</summary>
    /// <param name="title">The program's own words.</param>
    /// <param name="most">The value at which it is full; null: unknown.</param>
    public static async Task<T> WhileAsync<T>(Shell shell, string title, double? most, Func<ProgressBar, Task<T>> work)
    {
        if (!shell.ErrorIsTerminal || !shell.Ansi) return await work(new(null, title));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Out = new Terminal(shell.Error, Math.Max(shell.Width, Narrowest)),
        });
        return await console.Progress().AutoClear(true).Columns(Columns(shell.Width))
            .StartAsync(async context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: most ?? 100);
                task.IsIndeterminate = most is null;
                return await work(new(task, title));
            });
    }

    private static ProgressColumn[] Columns(int width) => width < Roomy
        ? [new ProgressBarColumn { Width = 10 }, new PercentageColumn()]
        : [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new PercentageColumn(), new ElapsedTimeColumn()];

    /// <summary>Columns that a job's id beside the bar needs.</summary>
    private const int Roomy = 76;

    /// <summary>Narrower terminals wrap; a bar has no meaning in fewer columns.</summary>
    private const int Narrowest = 20;

    private const int LongestMessage = 60;

    /// <param name="value">Up to the value at which it is full.</param>
    /// <param name="message">Others' words; shown safely and cut.</param>
    public void Report(double value, string? message = null)
    {
        if (_task is null) return;
        _task.IsIndeterminate = false;
        _task.Value = Math.Min(value, _task.MaxValue);
        if (message is null) return;
        var safe = Visible.Of(message);
        _task.Description = Markup.Escape($"{_title} {(safe.Length > LongestMessage ? safe[..LongestMessage] + "…" : safe)}");
    }

    private sealed class Terminal(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
            // The writer's encoding is set once, where the process starts.
        }
    }
}
