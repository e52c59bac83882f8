/** One lock over all tables, first come first served: single operations share it, a transaction has it alone. */
export interface Lock {
  shared<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createLock(): Lock {
  const queue: { readonly alone: boolean; readonly start: () => void }[] = [];
  let sharing = 0;
  let taken = false;

  function admit(): void {
    for (let next = queue[0]; next; next = queue[0]) {
      if (taken || (next.alone && sharing > 0)) return;
      queue.shift();
      if (next.alone) taken = true;
      else sharing += 1;
      next.start();
    }
  }

  async function run<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      queue.push({ alone, start });
      admit();
    });
    try {
      return await work();
    } finally {
      if (alone) taken = false;
      else sharing -= 1;
      admit();
    }
  }

  return { shared: (work) => run(false, work), alone: (work) => run(true, work) };
}
