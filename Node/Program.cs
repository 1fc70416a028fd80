using ActorPerf.Node;

using var interrupt = new Interrupt();
return await CommandLine.InvokeAsync(args, Shell.OfThisProcess(), interrupt.Token);
