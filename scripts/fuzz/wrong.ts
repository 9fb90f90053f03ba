/** Checks that an answer is acceptable, whatever the request. */
import { problemSchema } from "../../src/server/problems.js";
import type { Reply } from "./ask.js";
import type { Request } from "./requests.js";

/** What is wrong with an answer; null if nothing is. */
export function wrongWith({ status, headers, body }: Reply, { route, method, what }: Request): string | null {
  const text = () => body.toString().slice(0, 300);
  const type = String(headers["content-type"] ?? "");
  if (status >= 500 && status !== 503) return `status ${status}: ${text()}`;
  if (method === "HEAD" || status === 204 || status === 304)
    return body.length === 0 ? null : `status ${status} with a body`;
  if (
    headers["content-security-policy"] === undefined &&
    what !== "anywhere" &&
    status !== 400 &&
    status !== 431 &&
    status !== 417
  )
    return "no content security policy";
  if (status >= 400) {
    if (status === 503 && headers["retry-after"] === undefined) return "503 without Retry-After";
    if (!type.startsWith("application/problem+json")) return `status ${status} of type ${type}: ${text()}`;
    const { data, error } = problemSchema.safeParse(JSON.parse(body.toString()));
    return error !== undefined
      ? `not a problem document: ${error.message}`
      : data.status === status
        ? null
        : `status ${status} says ${data.status}`;
  }
  const answer = route?.answer;
  if (answer === undefined) return null;
  if (Array.isArray(answer)) return (answer as string[]).some((one) => type.startsWith(one)) ? null : `of type ${type}`;
  const { error } = (answer as Exclude<typeof answer, readonly string[]>).safeParse(JSON.parse(body.toString()));
  return error === undefined ? null : `does not match its schema: ${error.message.slice(0, 500)}: ${text()}`;
}
