/** A map whose entries are written to rows as they are set. */
import type { Form, Rows } from "./store.ts";

export class KeptMap<Value> extends Map<string, Value> {
  readonly #rows: Rows;
  readonly #form: Form<Value>;

  constructor(rows: Rows, form: Form<Value>) {
    super();
    this.#rows = rows;
    this.#form = form;
    for (const [key, text] of rows.entries()) {
      const value = form.read(JSON.parse(text) as never);
      if (value === undefined) rows.delete(key);
      else super.set(key, value);
    }
  }

  override set(key: string, value: Value): this {
    this.#rows.put(key, JSON.stringify(this.#form.write(value)));
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    if (this.has(key)) this.#rows.delete(key);
    return super.delete(key);
  }

  override clear(): void {
    for (const key of this.keys()) this.#rows.delete(key);
    super.clear();
  }
}
