namespace ActorPerf.Web.Console.Pages;

/// <summary>An error page: what happened and what to do, never a stack trace.</summary>
public sealed record FailureModel(int Status, string Title, string Sentence, string RequestId);
