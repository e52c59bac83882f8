/**
 * Instances of functions that a stopped runtime leaves to the next one of this process, as Lambda keeps a container between
 * invocations: what is hot in them stays compiled.
 *
 * I1 One instance serves one runtime at a time, and only for the same code with the same environment.
 * I2 An instance in which an invocation timed out, or has not ended, is not left: Lambda ends its container too.
 * I3 What modules keep is bounded by time, so the next runtime's clock has to be hours later.
 */
import type { Handler, HandlerSource } from "./load-handler.ts";
import type { LambdaFunction } from "./lambda-function.ts";

const idle = new Map<string, Handler[]>();

/** Undefined if none has been left. */
export const takeWarm = (
  source: HandlerSource,
  environment: Readonly<Record<string, string>>,
): Handler | undefined => idle.get(keyOf(source, environment))?.pop();

export function leaveWarm({ source, environment, concurrent, isSpoiled, loaded }: LambdaFunction): void {
  if (!loaded || isSpoiled || concurrent > 0) return;
  const key = keyOf(source, environment);
  idle.set(key, [...(idle.get(key) ?? []), loaded]);
}

const keyOf = (source: HandlerSource, environment: Readonly<Record<string, string>>): string =>
  JSON.stringify([source.codePath, source.handlerName, environment]);
