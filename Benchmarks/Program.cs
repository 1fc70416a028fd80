using ActorPerf.Benchmarks.Harness;

return args is [ChildServer.Word, var folder, var more] ? await ChildServer.RunAsync(folder, more) : await Benchmark.RunAsync(args);
