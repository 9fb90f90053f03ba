/** Why a try failed, in words that name the host. */
import { SourceError } from "./source-error.js";

/** A name has led to an address that must not be reached. */
export class RefusedAddress extends Error {
  constructor(
    readonly hostname: string,
    readonly address: string,
  ) {
    super(`${hostname} is at the private address ${address}`);
  }
}

/** A failure of one try. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly options: { again: boolean; status?: number; wait?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
  }

  said(): SourceError {
    return new SourceError(this.message, { cause: this });
  }
}

const refusedAddress = (hostname: string, address: string): Failure =>
  new Failure(
    `${hostname === address || hostname === `[${address}]` ? address : `${hostname} (${address})`} is on this machine or a ` +
      "private network, where only sources that were added as private are asked",
    { again: false },
  );

export const tooLarge = ({ hostname }: URL, limit: number): Failure =>
  new Failure(`${hostname} sent more than ${Math.floor(limit / 1024 ** 2)} MB in one answer: ask for less`, {
    again: false,
  });

const TLS = /CERT|SELF_SIGNED|ERR_TLS|ERR_SSL|UNABLE_TO_|EPROTO/;

/** An error with its causes. */
function causesOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 5; error = error.cause) {
    chain.push(error);
    if (error instanceof AggregateError) chain.push(...(error.errors as unknown[]));
  }
  return chain;
}

/** The refusal of an address that made a connection fail; undefined if it failed otherwise. */
export const refusalIn = (thrown: unknown): RefusedAddress | undefined =>
  causesOf(thrown).find((error) => error instanceof RefusedAddress);

export function connectionFailure(hostname: string, thrown: unknown): Failure {
  const chain = causesOf(thrown);
  const refused = refusalIn(thrown);
  if (refused !== undefined) return refusedAddress(refused.hostname, refused.address);
  const codes = chain.map((error) => (error as NodeJS.ErrnoException).code ?? "");
  const has = (code: RegExp): boolean => codes.some((one) => code.test(one));
  const failed = (words: string, again = true): Failure =>
    new Failure(`${hostname} ${words}`, { again, cause: thrown });
  if (has(/ENOTFOUND|EAI_/)) return failed("is not found: check the name, and whether this machine is online");
  if (has(/ECONNREFUSED/)) return failed("refuses the connection: is the service running?");
  if (has(TLS))
    return failed(`has no valid certificate, or does not speak TLS (${codes.find((code) => TLS.test(code))})`, false);
  if (has(/CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/)) return failed("cannot be reached");
  if (has(/HEADERS_TIMEOUT/)) return failed("does not answer");
  if (has(/BODY_TIMEOUT/)) return failed("stopped in the middle of an answer");
  // The file that an answer is written to.
  if (chain.some((error) => (error as NodeJS.ErrnoException).path !== undefined)) throw thrown;
  return failed("cut the connection");
}
