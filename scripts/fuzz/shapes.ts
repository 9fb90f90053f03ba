/** Values that match a schema, and values that nearly match it. */
import fc from "fast-check";
import { z } from "zod";
import { junk } from "./texts.js";

type Shape = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  minimum?: number;
  maximum?: number;
  minLength?: number;
};

/** Meaningful texts by field name. */
export type Words = Record<string, readonly string[]>;

export function shaped(schema: z.ZodType, words: Words): fc.Arbitrary<unknown> {
  return valueOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape, "text", words);
}

function valueOf(shape: Shape, name: string, words: Words): fc.Arbitrary<unknown> {
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((one) => valueOf(one, name, words)));
  const { minimum = 0, maximum = 100 } = shape;
  switch (shape.type) {
    case "object": {
      const fields = Object.entries(shape.properties ?? {});
      const required = fields.filter(([field]) => shape.required?.includes(field));
      const optional = fields.filter(([field]) => shape.required?.includes(field) !== true);
      const values = (some: typeof fields) =>
        fc.record(Object.fromEntries(some.map(([field, one]) => [field, valueOf(one, field, words)])));
      // Few at a time, because many filters together match nothing.
      return fc
        .subarray(optional, { maxLength: Math.min(4, optional.length) })
        .chain((some) => values([...required, ...some]));
    }
    case "array":
      return fc.array(valueOf(shape.items ?? {}, name, words), { maxLength: 4 });
    case "integer":
      return fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 30) }) },
        { weight: 1, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, Number.MAX_SAFE_INTEGER) }) },
      );
    case "number":
      return fc.double({ min: minimum, max: maximum, noNaN: true });
    case "boolean":
      return fc.boolean();
    default:
      return fc.constantFrom(...(words[name] ?? words["text"] ?? [""]));
  }
}

/** Values with one or two parts changed, removed or added. */
export const spoiled = (values: fc.Arbitrary<unknown>, most: number): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      values,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom("replace", "replace", "remove", "add"), junk(most)), {
        minLength: 1,
        maxLength: 2,
      }),
    )
    .map(([value, changes]) => changes.reduce(changed, value));

function changed(value: unknown, [place, how, other]: [number, string, unknown]): unknown {
  if (typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[place % (keys.length + 1)];
  // Sometimes changes a nested value.
  const inner = key === undefined ? undefined : (value as Record<string, unknown>)[key];
  if (key !== undefined && typeof inner === "object" && inner !== null && place % 3 > 0)
    return replaced(value, key, changed(inner, [place >> 2, how, other]));
  if (how === "remove" && key !== undefined)
    return Array.isArray(value) ? value.slice(1) : replaced(value, key, undefined);
  if (how === "replace" && key !== undefined) return replaced(value, key, other);
  if (Array.isArray(value)) return [...(value as unknown[]), other];
  return replaced(value, typeof other === "string" ? other : "__proto__", other);
}

/** A copy of the value with one key replaced; the key may be `__proto__`. */
function replaced(value: object, key: string, other: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown, i) => (String(i) === key ? other : one));
  const entries = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries([...entries, ...(other === undefined ? [] : [[key, other] as const])]);
}
