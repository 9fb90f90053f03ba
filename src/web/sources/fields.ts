/** The fields of the form for a kind of source, from the JSON Schema of its options. */

/** The part of JSON Schema that options use. */
interface Schema {
  type?: string;
  format?: string;
  description?: string;
  default?: string | number;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
}

export interface Field {
  name: string;
  label: string;
  hint: string;
  type: "text" | "number" | "date" | "checkbox" | "choice" | "several";
  required: boolean;
  /** Whether every kind has it: few people need it. */
  common: boolean;
  choices: readonly string[];
  /** Shown while the field is empty. */
  usual: string;
}

const COMMON = ["baseUrl", "private", "max"];
const LABELS: Record<string, string> = { baseUrl: "Base URL", url: "URL" };

/** Required fields first, then those of the kind, then those of all kinds. */
export function fieldsOf(options: Record<string, unknown>): Field[] {
  const { properties = {}, required = [] } = options as {
    properties?: Record<string, Schema>;
    required?: readonly string[];
  };
  const fields = Object.entries(properties).map(([name, schema]): Field => {
    const usual = schema.default === undefined ? "" : String(schema.default);
    return {
      name,
      label: LABELS[name] ?? labelOf(name),
      hint: (schema.description ?? "").replaceAll("`", ""),
      type: typeOf(schema),
      // What has a default need not be given.
      required: required.includes(name) && usual === "",
      common: COMMON.includes(name),
      choices: schema.enum ?? [],
      usual,
    };
  });
  const place = ({ required, common }: Field): number => (common ? 2 : required ? 0 : 1);
  return fields.toSorted((a, b) => place(a) - place(b));
}

/** `Min citations` for `minCitations`. */
const labelOf = (name: string): string =>
  `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`;

function typeOf({ type, format, enum: choices }: Schema): Field["type"] {
  if (choices !== undefined) return "choice";
  if (type === "array") return "several";
  if (type === "boolean") return "checkbox";
  if (type === "integer" || type === "number") return "number";
  return format === "date" ? "date" : "text";
}

/** The options that a form holds. Empty fields are left out. */
export function optionsOf(fields: readonly Field[], values: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, type }): [string, unknown][] => {
      const value = values[name]?.trim() ?? "";
      if (value === "") return [];
      if (type === "several") return [[name, value.split(/[\s,]+/).filter((one) => one !== "")]];
      return [[name, type === "number" ? Number(value) : type === "checkbox" ? true : value]];
    }),
  );
}
