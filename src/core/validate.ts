import { z } from "zod";
import { KindredError } from "./errors.js";

/**
 * Parses untrusted input.
 *
 * @throws KindredError `invalid` that names the first wrong parameter, what was got and what is allowed.
 */
export function validate<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new KindredError("invalid", "the request is not valid");
  throw explain(issue, schema);
}

/** The schema of a field's value when it is given. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap() as z.ZodType)
    : schema;
}

function explain(issue: z.core.$ZodIssue, schema: z.ZodType): KindredError {
  if (issue.code === "unrecognized_keys") {
    const known = schema instanceof z.ZodObject ? `; known: ${Object.keys(schema.shape).join(", ")}` : "";
    const [unknown = ""] = issue.keys;
    return new KindredError("invalid", `unknown parameter "${unknown.slice(0, 100)}"${known}`, {
      parameter: unknown.slice(0, 100),
    });
  }
  const parameter = issue.path.map(String).join(".") || undefined;
  const got = "input" in issue ? `, got ${shown(issue.input)}` : "";
  const said = issue.message.replace(/^[A-Z][a-z ]+: (?=expected )/, "").replace(/, received \w+$/, "");
  const message = `${parameter === undefined ? "" : `${parameter}: `}${said}${got}`;
  return new KindredError("invalid", message, parameter === undefined ? {} : { parameter });
}

function shown(input: unknown): string {
  if (input === undefined) return "nothing";
  // JSON has no NaN or infinity.
  const text = typeof input === "number" ? String(input) : (JSON.stringify(input) ?? typeof input);
  return text.length > 80 ? `${text.slice(0, 80)}... (${text.length} characters)` : text;
}
