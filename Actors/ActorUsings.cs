// The choice of actor implementation is this one file; every project that holds actors or their tests links it.
// Types are aliased one by one: importing the Akka namespaces would collide with the framework's own names.
#if AKKA_PACKAGES
global using Props = Akka.Actor.Props;
#else
global using IActorRef = System.Object; // stands in until the kernel is here
#endif
