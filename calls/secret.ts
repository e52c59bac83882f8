/** A value that no logger, JSON, or error message can print: device tokens, participant tokens, private keys. */
import * as z from "zod/mini";

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it only where the value goes to the service that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

export const secretSchema = z.pipe(
  z.string(),
  z.transform((value) => new Secret(value)),
);
