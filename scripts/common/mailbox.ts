/** A real SMTP server that keeps what it accepts, and does what it is told. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { simpleParser, type ParsedMail } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export type Received = { to: string; raw: Buffer; mail: ParsedMail };

/** A reply of the server to a command; undefined to accept. */
export type Reply = { code: number; text: string } | "silence" | "hang up" | undefined;

export class Mailbox {
  readonly received: Received[] = [];
  /** Addresses that were named, in order, whether or not they were accepted. */
  readonly asked: string[] = [];
  /** What it answers to an address, to a whole mail before and after it is kept, and to a login. */
  onAddress: (address: string) => Reply = () => undefined;
  onMail: (address: string) => Reply = () => undefined;
  afterMail: (address: string) => Reply = () => undefined;
  onSender: (address: string) => Reply = () => undefined;
  readonly #server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      // A mail that arrives after a test has ended need not.
      closeTimeout: 1,
      onMailFrom: ({ address }, _session, done) => this.#answer(this.onSender(address), done),
      onRcptTo: ({ address }, _session, done) => {
        this.asked.push(address);
        this.#answer(this.onAddress(address), done);
      },
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => void parts.push(part));
        stream.on("end", () => {
          const to = session.envelope.rcptTo[0]!.address;
          const reply = this.onMail(to);
          if (reply !== undefined) return this.#answer(reply, done);
          const raw = Buffer.concat(parts);
          void simpleParser(raw).then((mail) => {
            this.received.push({ to, raw, mail });
            this.#answer(this.afterMail(to), done);
          });
        });
      },
      ...options,
    });
    // A connection that is reset is its client's affair.
    this.#server.on("error", () => {});
    this.#server.server.on("connection", (socket: Socket) => this.#sockets.add(socket));
  }

  /** @param cleanup Stops the server when a test ends. */
  static async start(cleanup: { after(work: () => unknown): void }, options: SMTPServerOptions = {}): Promise<Mailbox> {
    const box = new Mailbox(options);
    const listening = box.#server.listen(0, "127.0.0.1");
    await once(listening, "listening");
    cleanup.after(() => new Promise<void>((done) => box.#server.close(done)));
    return box;
  }

  #answer(reply: Reply, done: (error?: Error | null) => void): void {
    if (reply === undefined) done();
    else if (reply === "hang up") for (const socket of this.#sockets) socket.destroy();
    else if (reply !== "silence") done(Object.assign(new Error(reply.text), { responseCode: reply.code }));
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Mails with the same Message-ID count once, as mail programs show them. */
  get different(): Received[] {
    return [...new Map(this.received.map((one) => [one.mail.messageId, one])).values()];
  }
}

/** The titles of the papers in a digest. */
export const titlesOf = ({ mail }: Received): string[] =>
  [...(mail.text ?? "").matchAll(/^\d+\. (.*)$/gm)].map(([, title]) => title!);
