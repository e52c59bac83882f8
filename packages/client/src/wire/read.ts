/**
 * Readers of what arrives: each gives the value as its type, or throws Unreadable. Hand-written, because a library of schemas is
 * larger than this whole package. A reader drops members that it does not know, so the server may say more tomorrow.
 */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

export type Reader<T> = (value: unknown) => T;

export const text: Reader<string> = (value) => {
  if (typeof value === "string") return value;
  throw new Unreadable(`expected text, got ${typeof value}`);
};

export const number: Reader<number> = (value) => {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Unreadable(`expected a number, got ${typeof value}`);
};

export const flag: Reader<boolean> = (value) => {
  if (typeof value === "boolean") return value;
  throw new Unreadable(`expected true or false, got ${typeof value}`);
};

/** A number written as text, as in pushes. */
export const digits: Reader<number> = (value) => {
  if (typeof value === "string" && /^\d{1,16}$/.test(value)) return Number(value);
  throw new Unreadable("expected a number written as text");
};

/** In any case. */
export const uuid: Reader<string> = (value) => {
  if (typeof value === "string" && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)) return value;
  throw new Unreadable("expected a UUID");
};

export const oneOf =
  <const T extends string>(known: readonly T[]): Reader<T> =>
  (value) => {
    const found = known.find((one) => one === value);
    if (found !== undefined) return found;
    throw new Unreadable(`expected one of ${known.join(", ")}`);
  };

/** What is missing or null is undefined. */
export const maybe =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value) =>
    value === undefined || value === null ? undefined : reader(value);

/** What is newer than this package is read as if it were missing. */
export const ifKnown =
  <T extends string>(known: readonly T[]): Reader<T | undefined> =>
  (value) =>
    known.find((one) => one === value);

export const list =
  <T>(reader: Reader<T>): Reader<readonly T[]> =>
  (value) => {
    if (Array.isArray(value)) return value.map((one) => reader(one));
    throw new Unreadable("expected a list");
  };

type Members = Readonly<Record<string, Reader<unknown>>>;
type OptionalKey<M extends Members> = {
  [K in keyof M]: undefined extends ReturnType<M[K]> ? K : never;
}[keyof M];
export type Read<M extends Members> = {
  readonly [K in Exclude<keyof M, OptionalKey<M>>]: ReturnType<M[K]>;
} & { readonly [K in OptionalKey<M>]?: ReturnType<M[K]> };

export const object =
  <M extends Members>(members: M): Reader<Read<M>> =>
  (value) => {
    if (typeof value !== "object" || value === null) throw new Unreadable("expected an object");
    const given = value as Readonly<Record<string, unknown>>; // any object has members by name
    const read: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries(members)) {
      const member = memberOf(name, () => reader(given[name]));
      if (member !== undefined) read[name] = member;
    }
    // Each member was read by the reader of its name.
    return read as Read<M>;
  };

function memberOf<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Unreadable ? new Unreadable(`${name}: ${error.message}`) : error;
  }
}

/** Undefined for what cannot be read. */
export function tryRead<T>(reader: Reader<T>, value: unknown): T | undefined {
  try {
    return reader(value);
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}
