/** fetch sets Host, Origin and Sec-Fetch-Site itself; a plain request sends the given headers. */
import { request } from "node:http";
import type { Reply } from "./serving.js";

export function askPlainly(url: URL, headers: Record<string, string>, method = "GET", body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers: { host: url.host, ...headers } }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: new Headers(response.headers as Record<string, string>),
          text,
        }),
      );
    });
    asking.on("error", reject);
    asking.end(body);
  });
}
