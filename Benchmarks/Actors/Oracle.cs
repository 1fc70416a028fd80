using ActorPerf.Benchmarks.Harness;

namespace ActorPerf.Benchmarks.Actors;

/// <summary>Answers every message with itself.</summary>
internal sealed class Oracle : ReceiveActor
{
    public Oracle() => Receive<Note>(note => Sender.Tell(note, Self));
}

/// <summary>The same without an actor: who asks sends what is to be completed.</summary>
internal sealed class BareOracle : BareMailbox
{
    public Task<Note> AskAsync(Note note)
    {
        var answer = new TaskCompletionSource<Note>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(note, answer);
        return answer.Task;
    }

    protected override void Handle(object message, object? sender) => ((TaskCompletionSource<Note>)sender!).SetResult((Note)message);
}
