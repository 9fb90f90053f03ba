import { z } from "zod";
import { unwrapped, validate } from "../core/validate.js";

/**
 * Parses a query string with the schema that also parses a JSON body: converts numbers and booleans from text, and a
 * parameter that is a list may be repeated.
 *
 * @throws KindredError `invalid` that names the parameter.
 */
export function parseQuery<S extends z.ZodObject>(schema: S, query: Record<string, unknown>): z.output<S> {
  const input = Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const field = Object.hasOwn(schema.shape, name) ? unwrapped(schema.shape[name] as z.ZodType) : undefined;
      return [name, field === undefined ? value : typed(field, value)];
    }),
  );
  return validate(schema, input);
}

function typed(schema: z.ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodArray)
    return (Array.isArray(value) ? value : [value]).map((one) => typed(unwrapped(schema.element as z.ZodType), one));
  if (typeof value !== "string") return value;
  // Other text stays a string, so that the error shows it as it was sent.
  if (schema instanceof z.ZodNumber && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (schema instanceof z.ZodBoolean && /^(true|false|1|0)$/.test(value)) return value === "true" || value === "1";
  return value;
}
