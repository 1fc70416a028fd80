// The TestKit's types for every test, chosen as ActorUsings.cs chooses the actors'.
#if AKKA_PACKAGES
global using ITestKitAssertions = Akka.TestKit.ITestKitAssertions;
global using TestKitBase = Akka.TestKit.TestKitBase;
global using TestProbe = Akka.TestKit.TestProbe;
global using TestScheduler = Akka.TestKit.TestScheduler;
#else
global using ITestKitAssertions = ActorPerf.TestKit.ITestKitAssertions;
global using TestKitBase = ActorPerf.TestKit.TestKitBase;
global using TestProbe = ActorPerf.TestKit.TestProbe;
global using TestScheduler = ActorPerf.TestKit.TestScheduler;
#endif
