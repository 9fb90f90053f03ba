/** Requests with valid keys, with invalid keys and without, to a server that requires keys and limits the rate. */
import fc from "fast-check";
import { addKey, removeKey } from "../../src/server/keys.js";
import { ServerProcess } from "../common/server-process.js";
import { Client, type Reply } from "./ask.js";
import { requests, type Request } from "./requests.js";
import type { FuzzOptions, FuzzReport } from "./report.js";
import type { Words } from "./shapes.js";
import { wrongWith } from "./wrong.js";

const CLIENTS = 12;
const TIME = 60_000;
/** Routes that answer without a key. Ending a session that does not exist changes nothing. */
const OPEN = /^\/api\/(health|ready|openapi\.json|session)$/i;

const ofApi = /^\/(api|metrics|unapi)/i;
const isJson = ({ headers }: Reply): boolean => /json/.test(String(headers["content-type"]));

type Shown = { right: boolean; headers: Record<string, string> };

/** Sends one request for each ten of the main run. */
export async function withKeys(options: FuzzOptions, report: FuzzReport, words: Words): Promise<void> {
  const { directory, seed, only, log = () => {} } = options;
  const count = Math.ceil(options.requests / 10);
  const key = await addKey(directory, `fuzz ${seed}`);
  const gone = await addKey(directory, `gone ${seed}`);
  await removeKey(directory, `gone ${seed}`);
  // The last fifth exceeds the limit and is refused before keys are checked.
  const server = await ServerProcess.start(directory, {
    workers: 1,
    serve: { protects: "all", perMinute: Math.ceil(count * 0.8) },
  });
  const client = new Client(server.url);
  const found = (name: string, what: string, why: string) => {
    report.findings.push({ name, what, why });
    log(`FOUND ${name}: ${why.slice(0, 500)}\n  ${what.slice(0, 500)}`);
  };
  try {
    const cookie = await session(client, key);
    const cases = fc.tuple(requests(words), shown(key, gone, cookie));
    const each = async (number: number): Promise<void> => {
      const name = `keyed ${number}`;
      if ((only !== undefined && only !== name) || server.died !== undefined) return;
      const [request, { right, headers }] = fc.sample(cases, { seed: seed * 1_000_003 + number, numRuns: 1 })[0]!;
      // This would end the session that other requests use.
      if (request.method === "DELETE" && request.path.startsWith("/api/session")) return;
      // The generated request's own credentials would be a second key.
      const { Authorization: _, Cookie: __, ...others } = request.headers;
      const sent: Request = { ...request, headers: { ...others, ...headers } };
      report.keyed++;
      const reply = await client.send(sent, TIME);
      const counted = `with ${right ? "a valid key" : "an invalid key or none"}`;
      const answers = report.answers.get(counted) ?? new Map<string, number>();
      const status = reply === null ? "closed" : String(reply.status);
      report.answers.set(counted, answers.set(status, (answers.get(status) ?? 0) + 1));
      if (reply === null) return;
      const what = `${sent.method} ${sent.path.slice(0, 200)} ${JSON.stringify(sent.headers).slice(0, 300)}`;
      const path = sent.path.split("?")[0]!;
      const why =
        right && (reply.status === 401 || reply.body.includes("wrong keys"))
          ? `a valid key was refused: ${reply.body.toString().slice(0, 300)}`
          : !right && reply.status < 400 && !OPEN.test(path) && (ofApi.test(path) || isJson(reply))
            ? `answered ${reply.status} without a valid key`
            : wrongWith(reply, sent);
      if (why !== null) found(name, what, why);
    };
    const left = Array.from({ length: count }, (_, number) => number)[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        for (let next = left.next(); next.done !== true; next = left.next()) await each(next.value);
      }),
    );
    if (server.died !== undefined) found("the server with keys", "its process", `it exited ${server.died}`);
  } finally {
    client.close();
    await server.stop();
  }
  for (const line of server.stderr) found("the server with keys", "standard error", line.slice(0, 2_000));
}

async function session(client: Client, key: string): Promise<string> {
  const reply = await client.send(
    {
      what: "POST /session",
      route: null,
      method: "POST",
      path: "/api/session",
      headers: { Authorization: `Bearer ${key}` },
      body: null,
      whole: true,
    },
    TIME,
  );
  const [cookie = ""] = [reply?.headers["set-cookie"] ?? []].flat();
  return cookie.split(";")[0]!;
}

function shown(key: string, gone: string, cookie: string): fc.Arbitrary<Shown> {
  const [name = "", token = ""] = cookie.split("=");
  const as = (right: boolean, headers: Record<string, string>[]): fc.Arbitrary<Shown> =>
    fc.constantFrom(...headers).map((one) => ({ right, headers: one }));
  return fc.oneof(
    as(true, [
      { Authorization: `Bearer ${key}` },
      { Authorization: `bearer   ${key}` },
      { Cookie: cookie },
      { Cookie: `kindred_key=x; kindred_0123456789abcdef=y; ${cookie}; a=b` },
    ]),
    as(false, [
      {},
      { Authorization: `Bearer ${gone}` },
      { Authorization: `Bearer ${key}x` },
      { Authorization: `Bearer ${key.toUpperCase()}` },
      { Authorization: `Basic ${key}` },
      { Authorization: "Bearer" },
      { Authorization: `Bearer ${token}` },
      { Cookie: `kindred_key=${key}` },
      { Cookie: `${name}=${key}` },
      { Cookie: `${cookie}x` },
      { Cookie: `${name}=` },
      { Cookie: "kindred_0123456789abcdef=x; ".repeat(60) },
      { Authorization: `Bearer ${key}x`, Cookie: cookie },
    ]),
  );
}
