/** An assistant: the SDK's own client, over HTTP or with a `kindred mcp` of its own. */
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { ROOT } from "../../src/core/root.js";

const MAIN = join(ROOT, "dist", "src", "cli", "main.js");

export type Result = { text: string; structured: Record<string, unknown>; isError: boolean };

/** @param version `legacy` for what most clients speak, with a handshake; `auto` for the newest, without. */
export async function overHttp(
  url: string,
  { version = "auto", headers = {} }: { version?: "legacy" | "auto"; headers?: Record<string, string> } = {},
): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: version } });
  await client.connect(new StreamableHTTPClientTransport(new URL("mcp", url), { requestInit: { headers } }));
  return client;
}

/** @returns The client, and the id of the process that serves it. */
export async function overStdio(directory: string, ...options: string[]): Promise<{ client: Client; pid: number }> {
  const client = new Client({ name: "test", version: "1" });
  const args = [MAIN, "mcp", "--directory", directory, ...options];
  const env = { ...process.env } as Record<string, string>;
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: "inherit" });
  await client.connect(transport);
  return { client, pid: transport.pid! };
}

export async function call(client: Client, name: string, given: Record<string, unknown> = {}): Promise<Result> {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: given });
  const [first] = content;
  return {
    text: first?.type === "text" ? first.text : "",
    structured: (structuredContent ?? {}) as Record<string, unknown>,
    isError: isError === true,
  };
}
