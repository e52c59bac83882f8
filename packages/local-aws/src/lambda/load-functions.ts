/** Loads the code of functions before they are invoked. */
import type { LambdaFunction } from "./lambda-function.ts";

/**
 * Yields why a function does not load. One after the other and between requests: what is invoked meanwhile waits for one
 * import at most.
 */
export async function* loadFunctions(
  functions: readonly LambdaFunction[],
  first: readonly string[],
): AsyncGenerator<Error> {
  const rank = ({ name }: LambdaFunction): number =>
    first.includes(name) ? first.indexOf(name) : first.length;
  for (const fn of functions.toSorted((one, other) => rank(one) - rank(other))) {
    await new Promise(setImmediate);
    try {
      await fn.handler();
    } catch (error) {
      yield error as Error; // loadHandler throws nothing else
    }
  }
}
