import { isEmptyOrMissing } from "./draft.js";

/** A parsed JSON object of unknown content. */
export type JsonObject = { [name: string]: unknown };
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The objects in a list; none if the value is no list. */
export const listOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Tracks which fields were read, so that the others can be reported. */
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

  /** What `read` returns for the field; if that is undefined, the field counts as unread. */
  takeIf<T>(name: string, read: (value: unknown) => T | undefined): T | undefined {
    const found = Object.hasOwn(this.object, name) ? read(this.object[name]) : undefined;
    if (found !== undefined) this.used.add(name);
    return found;
  }

  unused(): string[] {
    return Object.keys(this.object)
      .filter((name) => !this.used.has(name) && !isEmptyOrMissing(this.object[name]))
      .map((name) => this.prefix + name);
  }
}
