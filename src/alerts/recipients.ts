/** Who receives what alerts find: stored addresses and webhooks, the consent of those who are subscribed by others, and signed links. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { KindredError } from "../core/errors.js";
import type { OwnedRow, Replacement } from "../engine/writer.js";
import { mailSettings, type MailSettings } from "../mail/settings.js";
import type { MailState } from "../operations/alerts.js";
import { isLocalHost } from "../sources/addresses.js";

export const MAIL = "mail";
/** How long someone has to confirm, in milliseconds. */
export const CONFIRM_WITHIN = 7 * 86_400_000;
/** Addresses that were asked to confirm in that time, and mails to one of them. */
const MAX_ASKED = 100;
const MAX_ASKED_EACH = 3;
/** The row that changes whenever someone is asked to confirm. */
const ASKS = "asks";
/** Rows read at a time. */
const PAGE = 10_000;

const timesSchema = z.array(z.number());
const statesSchema = z.enum(["active", "unconfirmed", "unsubscribed"]);
const subscriptionSchema = z.object({
  address: z.string(),
  state: statesSchema,
  /** When it was asked to confirm; null if it was not. */
  asked: z.string().nullable(),
  /** Whether it is asked because it had unsubscribed: then nobody else can confirm it. */
  ended: z.literal(true).optional(),
});
/** An address of an alert. `alert` is the alert's id; `reader` stands for the address, which cannot be read from it. */
export type Subscription = z.infer<typeof subscriptionSchema> & { alert: string; reader: string };

const hookSchema = z.object({
  address: z.string(),
  /** Whether it may be on this machine or a private network: the owner has written it. */
  anywhere: z.boolean(),
});
/** A webhook of an alert. `alert` is the alert's id; `reader` stands for the address. */
export type Hook = z.infer<typeof hookSchema> & { alert: string; reader: string };

/** A mail that asks an address to confirm: when it is due, and how often it was refused. */
const inviteSchema = z.object({ due: z.string(), count: z.int() });
export type Invitation = Subscription & z.infer<typeof inviteSchema>;

/** How far a reader has been told what an alert found: the alert's state at that time. */
const sentSchema = z.object({ number: z.int(), ran: z.string().nullable(), found: z.int() });
export type Sent = z.infer<typeof sentSchema>;

const deliverySchema = z.object({
  /** When the last mail was accepted; null if none was. */
  last: z.string().nullable(),
  /**
   * A mail that may have been accepted without being noted: it is sent again as it was. It has what each alert found after one
   * state, up to another.
   */
  outbox: z
    .object({
      id: z.string(),
      at: z.string(),
      alerts: z.array(z.object({ alert: z.string(), before: sentSchema, upTo: sentSchema })),
    })
    .nullable(),
  /** Since the last mail that was accepted; null if none was refused since. */
  failure: z
    .object({
      first: z.string(),
      count: z.int(),
      permanent: z.boolean(),
      /** For the owner; `brief` is for everybody. */
      message: z.string(),
      brief: z.string().default("it was refused"),
      /** When it is tried again at the earliest; if `found` is a number, not before more papers than that have been found. */
      next: z.string(),
      found: z.int().nullable(),
    })
    .nullable(),
});
/** What became of the messages to a reader. */
export type Delivery = z.infer<typeof deliverySchema>;

type Rows = {
  owned: (owner: string, prefix?: string, limit?: number, after?: string) => Promise<OwnedRow[]>;
  putOwned: (rows: readonly OwnedRow[]) => Promise<void>;
  replaceOwned: (replacement: Replacement) => Promise<boolean>;
};

/** What a signed link does. */
export type Link =
  /** Without an alert: all of the reader's. */
  { does: "unsubscribe"; reader: string; alert: string | null } | { does: "confirm"; reader: string; alert: string };

export class Recipients {
  readonly #rows;
  readonly #now;
  readonly #environment;
  /** The secret that is being read. */
  #secret: Promise<string> | undefined;

  /** @param now Milliseconds since 1970. */
  constructor(rows: Rows, now: () => number, environment: NodeJS.ProcessEnv) {
    this.#rows = rows;
    this.#now = now;
    this.#environment = environment;
  }

  /** The subscriptions of one alert, or of all. Those that were not confirmed in time are left out. */
  async all(id = ""): Promise<Subscription[]> {
    const refused = new Set((await this.read("refused", z.string())).map(([reader]) => reader));
    return (await this.read("to", subscriptionSchema, id === "" ? "" : `${id}/`)).flatMap(([key, one]) => {
      const [alert = "", reader = ""] = key.split("/");
      if (this.#isExpired(one)) return [];
      // An address that has refused all mails can still confirm those that it was asked about later.
      const state = one.state === "active" && refused.has(reader) ? "unsubscribed" : one.state;
      return [{ ...one, state, alert, reader }];
    });
  }

  /** The webhooks of one alert, or of all. */
  async hooks(id = ""): Promise<Hook[]> {
    return (await this.read("hook", hookSchema, id === "" ? "" : `${id}/`)).map(([key, one]) => {
      const [alert = "", reader = ""] = key.split("/");
      return { ...one, alert, reader };
    });
  }

  /** How far each reader has been told of each alert, by `alert/reader`. */
  async sent(): Promise<Map<string, Sent>> {
    return new Map(await this.read("sent", sentSchema));
  }

  /** How the mails to each reader stand. */
  async deliveries(): Promise<Map<string, Delivery>> {
    return new Map(await this.read("delivery", deliverySchema));
  }

  /**
   * Rows that make these the addresses of an alert, to be stored only if none of the limits that they keep has changed.
   *
   * @param to Addresses, or `id`s of recipients that it has.
   * @param from What the alert has found so far, which new readers are not told.
   * @param trusted Whether the owner of this directory asks: then addresses need not confirm, unless they have unsubscribed.
   * @throws KindredError `not-found` when there is no recipient with an id; `overloaded` when too many have been asked to
   *   confirm; `invalid` when nobody can be, because mail is not set up or a link would lead nowhere.
   */
  async rowsFor(alert: string, to: readonly string[], from: Sent, trusted: boolean): Promise<Replacement> {
    const before = await this.all(alert);
    if (before.length + to.length === 0) return { read: [], rows: [] };
    // Read before the rows that it stands for.
    const [kept] = await this.#rows.owned(MAIL, ASKS, 1);
    const asks = { owner: MAIL, key: ASKS, value: kept?.value ?? null };
    const refused = new Set((await this.read("refused", z.string())).map(([reader]) => reader));
    const asked = new Map(await this.read("asked", timesSchema));
    const secret = await this.secret();
    const rows: OwnedRow[] = [];
    const wanted = new Set<string>();
    for (const entry of to) {
      const id = entry.includes("@") ? signed(secret, entry.toLowerCase()).slice(0, 16) : entry;
      const known = before.find(({ reader }) => reader === id);
      if (known === undefined && !entry.includes("@"))
        throw new KindredError("not-found", `to: the alert has no recipient with the id "${entry}"`, {
          parameter: "to",
        });
      const address = known?.address ?? entry;
      const reader = id;
      if (wanted.has(reader)) continue;
      wanted.add(reader);
      // The owner can confirm an address that others have written, by writing it again.
      if (
        trusted &&
        known?.state === "unconfirmed" &&
        entry.includes("@") &&
        known.ended !== true &&
        !refused.has(reader)
      ) {
        rows.push(row(`to/${alert}/${reader}`, { address, state: "active", asked: known.asked }), {
          owner: MAIL,
          key: `invite/${alert}/${reader}`,
          value: null,
        });
        continue;
      }
      // One that has unsubscribed is only asked again when its address is written again.
      if (known !== undefined && (known.state !== "unsubscribed" || known.reader === entry)) continue;
      if (!trusted && refused.has(reader))
        throw new KindredError("invalid", `to: ${address} has asked not to be sent mail by this Kindred`, {
          parameter: "to",
        });
      const mustConfirm = !trusted || known?.state === "unsubscribed" || refused.has(reader);
      const at = new Date(this.#now()).toISOString();
      rows.push(
        row(`to/${alert}/${reader}`, {
          address,
          state: mustConfirm ? "unconfirmed" : "active",
          asked: mustConfirm ? at : null,
          ...(known?.state === "unsubscribed" && { ended: true }),
        }),
      );
      // Who has unsubscribed is new again, and is not told what was found since.
      rows.push(row(`sent/${alert}/${reader}`, from));
      if (mustConfirm) {
        this.#expectLinks();
        rows.push(
          row(`asked/${reader}`, this.#askedAgain(asked, reader)),
          row(`invite/${alert}/${reader}`, { due: at, count: 0 }),
        );
      }
    }
    for (const { reader } of before)
      if (!wanted.has(reader)) rows.push(...deleted(["to", "sent", "invite"], alert, reader));
    if (!rows.some(({ key }) => key.startsWith("asked/"))) return { read: [], rows };
    return { read: [asks], rows: [...rows, row(ASKS, randomBytes(9).toString("base64url"))] };
  }

  /**
   * Rows that make these the webhooks of an alert.
   *
   * @param webhooks Addresses, or `id`s of webhooks that it has.
   * @param from What the alert has found so far, which new webhooks are not told.
   * @param trusted Whether the owner of this directory asks, who may name any address.
   * @throws KindredError `not-found` when there is no webhook with an id; `invalid` when others name an address that is not public.
   */
  async rowsForHooks(alert: string, webhooks: readonly string[], from: Sent, trusted: boolean): Promise<OwnedRow[]> {
    const before = await this.hooks(alert);
    if (before.length + webhooks.length === 0) return [];
    const sent = await this.sent();
    const rows: OwnedRow[] = [];
    const wanted = new Set<string>();
    const takenOver = new Set<string>();
    for (const entry of webhooks) {
      const isAddress = entry.includes(":");
      const same = before.find(({ address }) => address === entry);
      // Others keep what the owner has added as it is.
      const reader = !isAddress ? entry : same && !trusted ? same.reader : await this.#hookId(entry, trusted);
      if (wanted.has(reader)) continue;
      wanted.add(reader);
      if (before.some((one) => one.reader === reader)) continue;
      if (!isAddress)
        throw new KindredError("not-found", `webhooks: the alert has no webhook with the id "${entry}"`, {
          parameter: "webhooks",
        });
      if (!trusted) expectPublic(new URL(entry));
      // What others have added, and the owner takes over, goes on where it was.
      if (same !== undefined) takenOver.add(same.reader);
      rows.push(
        row(`hook/${alert}/${reader}`, { address: entry, anywhere: trusted }),
        row(`sent/${alert}/${reader}`, (same && sent.get(`${alert}/${same.reader}`)) ?? from),
        // Who adds it expects that it works again.
        { owner: MAIL, key: `delivery/${reader}`, value: null },
      );
    }
    for (const { reader } of before)
      if (!wanted.has(reader) || takenOver.has(reader)) rows.push(...deleted(["hook", "sent"], alert, reader));
    return rows;
  }

  /**
   * What stands for the address of a webhook, which cannot be read from it. The owner's has another one than the same address of
   * others: they must not learn its secret, and what they are refused must not hold up its messages.
   */
  async #hookId(address: string, trusted: boolean): Promise<string> {
    return signed(await this.secret(), trusted ? address : `others ${address}`).slice(0, 16);
  }

  /** What messages to a webhook are signed with, as the Standard Webhooks specification writes it. */
  async hookSecret(reader: string): Promise<string> {
    return `whsec_${Buffer.from(signed(await this.secret(), `webhook ${reader}`), "base64url").toString("base64")}`;
  }

  /** Rows that remove the addresses and webhooks of an alert. */
  async rowsWithout(alert: string): Promise<OwnedRow[]> {
    const rows = await Promise.all(
      ["to", "hook", "sent", "invite"].map((part) => this.#rows.owned(MAIL, `${part}/${alert}/`, PAGE)),
    );
    return rows.flat().map(({ key }) => ({ owner: MAIL, key, value: null }));
  }

  /** What becomes of an address that is added. @param trusted Whether the owner of this directory asks. */
  mailFor(trusted: boolean): MailState {
    let settings: MailSettings | undefined;
    try {
      settings = mailSettings(this.#environment);
    } catch (thrown) {
      // Whoever sends mail reports it: alerts can be listed all the same.
      if (!(thrown instanceof KindredError)) throw thrown;
    }
    if (settings === undefined) return "no-server";
    if (trusted) return "active";
    return settings.url === null ? "no-url" : "confirm";
  }

  #expectLinks(): void {
    const settings = mailSettings(this.#environment);
    if (settings !== undefined && settings.url !== null) return;
    throw new KindredError(
      "invalid",
      `to: an address must be asked to confirm, for which the server needs ${settings === undefined ? "KINDRED_SMTP" : "KINDRED_URL"}: see docs/alerts.md`,
      { parameter: "to" },
    );
  }

  /** Notes the time of one more mail that asks for confirmation. */
  #askedAgain(asked: Map<string, number[]>, reader: string): number[] {
    const since = this.#now() - CONFIRM_WITHIN;
    const recent = (times: readonly number[]) => times.filter((time) => time > since);
    const own = recent(asked.get(reader) ?? []);
    const others = [...asked].filter(([other, times]) => other !== reader && recent(times).length > 0).length;
    const wait = "wait until some have confirmed, or a week has passed";
    if (own.length >= MAX_ASKED_EACH)
      throw new KindredError(
        "overloaded",
        `to: this address was asked ${own.length} times this week to confirm: ${wait}`,
        {
          parameter: "to",
        },
      );
    if (others >= MAX_ASKED)
      throw new KindredError(
        "overloaded",
        `to: ${others} addresses were asked this week to confirm, which is the limit: ${wait}`,
        {
          parameter: "to",
        },
      );
    const times = [...own, this.#now()];
    asked.set(reader, times);
    return times;
  }

  /** A link's last segment, which only this directory can make. */
  async token(link: Link): Promise<string> {
    const parts = [link.does === "confirm" ? "c" : "u", link.reader, link.alert ?? ""].join(".");
    return `${parts}.${signed(await this.secret(), parts)}`;
  }

  /** What a link does; undefined if this directory did not make it. */
  async linkOf(token: string): Promise<Link | undefined> {
    const end = token.lastIndexOf(".");
    const [given, right] = [token.slice(end + 1), signed(await this.secret(), token.slice(0, Math.max(0, end)))].map(
      (text) => Buffer.from(text),
    );
    if (given!.length !== right!.length || !timingSafeEqual(given!, right!)) return undefined;
    const [does, reader = "", alert = ""] = token.split(".");
    return does === "c"
      ? { does: "confirm", reader, alert }
      : { does: "unsubscribe", reader, alert: alert === "" ? null : alert };
  }

  /** Subscriptions that a link is about; none if the alert was removed, or the reader is not among its addresses any more. */
  async subscriptionsOf({ reader, alert }: Link): Promise<Subscription[]> {
    return (await this.all()).filter((one) => one.reader === reader && (alert === null || one.alert === alert));
  }

  /** Does what a link says. Doing it twice, or for an alert that was removed, does nothing more. */
  async follow(link: Link): Promise<void> {
    const chosen = await this.subscriptionsOf(link);
    const rows: OwnedRow[] = [];
    if (link.does === "confirm") {
      for (const { address, asked, alert, reader, state } of chosen)
        if (state === "unconfirmed") rows.push(row(`to/${alert}/${reader}`, { address, state: "active", asked }));
      // The reader's other alerts that were ended with it stay so.
      if (rows.length > 0) rows.push(...(await this.#withoutRefusal(link.reader, link.alert)));
    } else {
      for (const { address, asked, alert, reader } of chosen)
        rows.push(row(`to/${alert}/${reader}`, { address, state: "unsubscribed", asked }), {
          owner: MAIL,
          key: `invite/${alert}/${reader}`,
          value: null,
        });
      if (link.alert === null) rows.push(row(`refused/${link.reader}`, new Date(this.#now()).toISOString()));
    }
    if (rows.length > 0) await this.#rows.putOwned(rows);
  }

  async #withoutRefusal(reader: string, confirmed: string): Promise<OwnedRow[]> {
    const others = (await this.all()).filter(
      (one) => one.reader === reader && one.alert !== confirmed && one.state === "unsubscribed",
    );
    return [
      ...others.map(({ address, asked, alert }) =>
        row(`to/${alert}/${reader}`, { address, state: "unsubscribed", asked }),
      ),
      { owner: MAIL, key: `refused/${reader}`, value: null },
    ];
  }

  /** Addresses that have not been asked yet to confirm. */
  async invitations(): Promise<Invitation[]> {
    const invited = new Map(await this.read("invite", inviteSchema));
    return (await this.all()).flatMap((one) => {
      const invitation = invited.get(`${one.alert}/${one.reader}`);
      return one.state === "unconfirmed" && invitation !== undefined ? [{ ...one, ...invitation }] : [];
    });
  }

  /** Rows that delete what is not needed any more, such as addresses that did not confirm in time. */
  async expired(): Promise<OwnedRow[]> {
    // Read before what they belong to: what is added meanwhile must not count as left over.
    const sent = await this.read("sent", sentSchema);
    const deliveries = await this.deliveries();
    const to = await this.read("to", subscriptionSchema);
    const old = to.filter(([, one]) => this.#isExpired(one)).map(([key]) => key);
    // A message that was under way when its alert was removed has noted what it sent.
    const kept = new Set([...to, ...(await this.read("hook", hookSchema))].map(([key]) => key));
    const without = sent.map(([key]) => key).filter((key) => !kept.has(key));
    const readers = new Set([...kept].map((key) => key.split("/")[1]));
    const gone = [...deliveries.keys()].filter((reader) => !readers.has(reader));
    const since = this.#now() - CONFIRM_WITHIN;
    const asked = (await this.read("asked", timesSchema)).filter(([, times]) => times.every((time) => time <= since));
    return [
      ...old.flatMap((key) => ["to", "sent", "invite"].map((part) => `${part}/${key}`)),
      ...without.map((key) => `sent/${key}`),
      ...gone.map((reader) => `delivery/${reader}`),
      ...asked.map(([reader]) => `asked/${reader}`),
    ].map((key) => ({ owner: MAIL, key, value: null }));
  }

  /** The secret that signs links. */
  secret(): Promise<string> {
    // Two at a time would make two.
    return (this.#secret ??= this.#readSecret().finally(() => (this.#secret = undefined)));
  }

  async #readSecret(): Promise<string> {
    const [kept] = await this.#rows.owned(MAIL, "secret", 1);
    if (kept?.value != null) return JSON.parse(kept.value) as string;
    // Another process may write one at the same time.
    const none = { owner: MAIL, key: "secret", value: null };
    await this.#rows.replaceOwned({ read: [none], rows: [row("secret", randomBytes(32).toString("base64url"))] });
    return this.#readSecret();
  }

  /** Rows of a part whose key goes on with `start`, by what follows the part. What cannot be read is left out. */
  async read<S extends z.ZodType>(part: string, schema: S, start = ""): Promise<[string, z.output<S>][]> {
    const read: [string, z.output<S>][] = [];
    for (let after = ""; ;) {
      const rows = await this.#rows.owned(MAIL, `${part}/${start}`, PAGE, after);
      for (const { key, value } of rows) {
        const { success, data } = schema.safeParse(jsonOf(value));
        if (success) read.push([key.slice(part.length + 1), data]);
      }
      if (rows.length < PAGE) return read;
      after = rows.at(-1)!.key;
    }
  }

  #isExpired({ state, asked }: z.infer<typeof subscriptionSchema>): boolean {
    return state === "unconfirmed" && Date.parse(asked ?? "") + CONFIRM_WITHIN <= this.#now();
  }
}

const deleted = (parts: readonly string[], alert: string, reader: string): OwnedRow[] =>
  parts.map((part) => ({ owner: MAIL, key: `${part}/${alert}/${reader}`, value: null }));

/** @throws KindredError `invalid` when a webhook of others could reach this machine or its network, or be read by others on its way. */
function expectPublic({ protocol, hostname }: URL): void {
  const isLocal = isLocalHost(hostname);
  if (protocol === "https:" && !isLocal) return;
  throw new KindredError(
    "invalid",
    `webhooks: ${isLocal ? "an address on this machine or a private network" : "an address without https"} can only be added on the command line, or by the person at the machine: expected a public address that starts with https://`,
    { parameter: "webhooks" },
  );
}

/** A stored value; undefined if it is no JSON. */
export function jsonOf(value: string | null): unknown {
  try {
    return JSON.parse(value ?? "null");
  } catch {
    return undefined;
  }
}

const signed = (secret: string, text: string): string =>
  createHmac("sha256", Buffer.from(secret, "base64url")).update(text).digest("base64url");

export const row = (key: string, value: unknown): OwnedRow => ({ owner: MAIL, key, value: JSON.stringify(value) });
