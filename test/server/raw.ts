/** Requests as bytes, for those that no HTTP client would send. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Reply } from "./serving.js";

/** Sends bytes and reads until the server closes the connection. */
export async function raw(url: string, text: string): Promise<Reply> {
  const socket = await connected(url);
  socket.write(text);
  let received = "";
  for await (const chunk of socket) received += String(chunk);
  return replyIn(received);
}

/** An unused connection. @param allowHalfOpen Whether it stays open when the server closes its half. */
export async function connected(url: string, allowHalfOpen = false): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen });
  await once(socket, "connect");
  return socket;
}

/** A response with an unchunked body. */
export function replyIn(text: string): Reply {
  const [head = "", ...body] = text.split("\r\n\r\n");
  const [first = "", ...headers] = head.split("\r\n");
  const pairs = headers.map((line): [string, string] => [line.split(": ")[0] ?? "", line.split(": ")[1] ?? ""]);
  return { status: Number(first.split(" ")[1]), headers: new Headers(pairs), text: body.join("\r\n\r\n") };
}
