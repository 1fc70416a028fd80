using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ActorPerf.Node.Commands;

/// <summary>A command whose own help says more than its line in the list of commands.</summary>
internal sealed class ExplainedCommand(string name, string description, string example) : Command(name, FirstSentence(description))
{
    /// <summary>All that it does, and an example as one would type it.</summary>
    public string Explanation { get; } = $"{description}\n\nExample:\n  {example}";

    private static string FirstSentence(string text) => text.Split(". ")[0].Split(": ")[0].TrimEnd('.') + ".";
}

/// <summary>Prints help; the command that was asked about explains itself in full.</summary>
internal sealed class ExplainingHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is ExplainedCommand command) command.Description = command.Explanation;
        return usual.Invoke(parseResult);
    }
}
