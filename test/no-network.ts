/**
 * Loaded into a process before its program (`node --import`), and into its threads: refuses every connection except to this
 * machine, and every lookup of a name, and writes them to the file that is named in this module's address (`?log=`).
 */
import dgram from "node:dgram";
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const log = new URL(import.meta.url).searchParams.get("log")!;
const LOCAL = /^(?:127\.|::1$|::ffff:127\.|localhost$|::$|0\.0\.0\.0$)/;

function refuse(what: string): never {
  appendFileSync(log, `${what}\n`);
  throw new Error(`this test allows no connection: ${what}`);
}

type Arguments = Parameters<net.Socket["connect"]>;
// oxlint-disable-next-line typescript/unbound-method -- called with the socket
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...given: Arguments) {
  // Node itself passes the arguments of net.connect as one list.
  const [options, host]: unknown[] = Array.isArray(given[0]) ? given[0] : given;
  const wanted =
    typeof options === "object" && options !== null
      ? (options as { host?: string; path?: string })
      : typeof options === "string"
        ? { path: options }
        : { host: typeof host === "string" ? host : "localhost" };
  // A path is a socket of this machine.
  if (wanted.path === undefined && !LOCAL.test(wanted.host ?? "localhost")) refuse(`connection to ${wanted.host}`);
  return connect.apply(this, given);
} as typeof connect;

const { lookup } = dns;
dns.lookup = ((name: string, ...rest: unknown[]) =>
  LOCAL.test(name)
    ? (lookup as (...all: unknown[]) => void)(name, ...rest)
    : refuse(`lookup of ${name}`)) as typeof lookup;
dns.promises.lookup = (name: string) => refuse(`lookup of ${name}`);
dgram.Socket.prototype.send = () => refuse("datagram");
syncBuiltinESMExports();
