/** Classes of an SDK, by functions that make what `new` gives. TypeScript knows constructors as classes only. */
export function constructorOf<Args extends unknown[], Made extends object>(
  make: (...args: Args) => Made,
): new (...args: Args) => Made {
  function made(...args: Args): Made {
    return make(...args);
  }
  return made as unknown as new (...args: Args) => Made;
}
