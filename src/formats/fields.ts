import { saysNothing } from "./draft.js";

/** An object of JSON from a file, of which nothing is known yet. */
export type JsonObject = { [name: string]: unknown };
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Remembers which fields were asked for, so that the others can be named. */
export class Fields {
  private readonly used = new Set<string>();

  constructor(
    private readonly object: JsonObject,
    private readonly prefix = "",
  ) {}

  take(name: string): unknown {
    this.used.add(name);
    return Object.hasOwn(this.object, name) ? this.object[name] : undefined;
  }

  /** What `read` finds in the field; where it finds nothing, the field has not been used. */
  takeIf<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    const found = Object.hasOwn(this.object, name) ? read(this.object[name]) : undefined;
    if (found !== undefined) this.used.add(name);
    return found;
  }

  unused(): string[] {
    return Object.keys(this.object)
      .filter((name) => !this.used.has(name) && !saysNothing(this.object[name]))
      .map((name) => this.prefix + name);
  }
}
