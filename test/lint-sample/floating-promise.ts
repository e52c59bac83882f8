// A mistake on purpose: `npm run check` fails unless the linter reports it by name.
const store = { save: async (): Promise<void> => undefined };
export function forgets(): void {
  store.save();
}
