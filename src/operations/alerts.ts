import { z } from "zod";
import { emailAddress } from "../core/email.js";
import { dateSchema } from "../core/paper.js";
import { MAX_LIMIT, modeSchema, text } from "./fields.js";
import { filtersSchema } from "./filters.js";
import { recommendSchema } from "./recommend.js";
import { sourceNameSchema } from "./sources.js";

/** The name of an alert: part of addresses. */
export const alertNameSchema = sourceNameSchema;

/** The days of the week, in the order of weeks. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const day = `(?:${DAYS.join("|")})`;
/** Days of the week: `mon-fri`, or `tue,thu`. */
export const daysSchema = z
  .string()
  .toLowerCase()
  .regex(
    new RegExp(`^${day}(?:-${day})?(?:,${day}(?:-${day})?)*$`),
    "expected days such as mon-fri, or tue,thu, of mon, tue, wed, thu, fri, sat, sun",
  );

export const zoneSchema = z
  .string()
  .max(100)
  .refine(isZone, "expected a time zone such as Europe/Berlin, America/New_York or UTC");

/** Whether this machine knows a time zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const { addedAfter: _added, within: _within, ...filters } = filtersSchema.shape;
/** The filters that an alert can have: what it finds must be added after it was made anyway. */
export const alertFiltersSchema = z.strictObject(filters);

/** The question of an alert, one of: a search, papers like some, the daily lists, trending papers; or filters alone. */
export const askSchema = z
  .strictObject({
    q: text.min(1).optional().describe("A query, as of a search."),
    mode: modeSchema.optional().describe("Of a search: words and meaning (`hybrid`), meaning only, or words only."),
    positive: recommendSchema.shape.positive.unwrap().optional().describe("Papers or texts that are liked."),
    negative: recommendSchema.shape.negative.unwrap().optional().describe("Papers or texts that are not liked."),
    basedOn: recommendSchema.shape.basedOn.describe("Lists whose papers are liked, as they are at the time of a run."),
    daily: z.boolean().optional().describe("What appears on daily lists, most upvoted first."),
    trending: z.boolean().optional().describe("What is among the most upvoted for its age."),
    ...filters,
  })
  .superRefine((ask, context) => {
    const refuse = (message: string, path: string[] = []) => context.addIssue({ code: "custom", message, path });
    const { q, mode, positive, negative, basedOn, daily, trending, ...only } = ask;
    const liked = (positive?.length ?? 0) + (basedOn?.length ?? 0) > 0;
    const given = [q !== undefined, liked, daily === true, trending === true].filter(Boolean).length;
    const filtered = Object.values(only).some((value) => value !== undefined);
    if (given > 1) refuse("expected one of: a query; papers, texts or lists that are liked; daily; trending");
    else if (given === 0 && !filtered)
      refuse("expected a query; papers, texts or lists that are liked; daily; trending; or a filter");
    if (daily === true && only.listed !== undefined) refuse("expected none of the daily lists", ["listed"]);
    if (mode !== undefined && q === undefined) refuse("expected none without a query", ["mode"]);
    if ((negative?.length ?? 0) > 0 && !liked) refuse("expected none without papers that are liked", ["negative"]);
  });
export type Ask = z.output<typeof askSchema>;

/** Addresses of one alert. */
export const MAX_RECIPIENTS = 50;

const recipientSchema = z
  .string()
  .max(320)
  .refine(
    (text) => /^[\w-]{16}$/.test(text) || emailAddress(text) !== undefined,
    "expected one e-mail address, such as anna@example.org, without a name or a line break",
  )
  .overwrite((text) => emailAddress(text) ?? text);

/** Webhooks of one alert. */
export const MAX_WEBHOOKS = 10;

/** A webhook's address in one spelling; undefined if it is none. Programs check the signature, so it has no user and password. */
function webhookAddress(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = "";
  return url.username + url.password === "" ? url.href : undefined;
}

const webhookSchema = z
  .string()
  .max(2_000)
  .refine(
    (text) => /^[\w-]{16}$/.test(text) || webhookAddress(text) !== undefined,
    "expected an address such as https://lab.example/hook, without a user and a password",
  )
  .overwrite((text) => webhookAddress(text) ?? text);

/** Everything of an alert that can be changed, without defaults. */
const fields = {
  ask: askSchema.describe("What it asks: see docs/alerts.md."),
  every: z.enum(["day", "week", "month"]).describe("How often it runs, on the days of `days`."),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time such as 08:00")
    .describe("At what time of the day: `08:00`."),
  zone: zoneSchema.describe("The time zone of `at` and `days`: `Europe/Berlin`. That of the server by default."),
  days: daysSchema
    .nullable()
    .describe(
      "Days of the week: `mon-fri`, or `tue,thu`. Every week or month it runs on the first of these days. Null for all days.",
    ),
  atMost: z.int().min(1).max(MAX_LIMIT).describe(`Papers of one run, the most relevant: 1 to ${MAX_LIMIT}.`),
  atLeastSimilarity: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe(
      "Smallest cosine to the query, or to the nearest of the papers that are liked, 0 to 1. Null: of a search, what is close to the query; otherwise all.",
    ),
  since: dateSchema
    .nullable()
    .describe(
      "Also papers that are here already, but only those published on or after this date. Null: what is added after the alert was made.",
    ),
  to: z
    .array(recipientSchema)
    .max(MAX_RECIPIENTS)
    .describe(
      `E-mail addresses that are sent what it finds, or the \`id\` of an address that it has; at most ${MAX_RECIPIENTS}. See docs/alerts.md.`,
    ),
  webhooks: z
    .array(webhookSchema)
    .max(MAX_WEBHOOKS)
    .describe(
      `Addresses to which what it finds is posted, or the \`id\` of a webhook that it has; at most ${MAX_WEBHOOKS}. See docs/alerts.md.`,
    ),
  evenIfNothing: z.boolean().describe("Whether its addresses are also told that it found nothing."),
};

export const addAlertSchema = z
  .strictObject({
    name: alertNameSchema,
    ask: fields.ask,
    every: fields.every.default("day"),
    at: fields.at.default("08:00"),
    zone: fields.zone.optional(),
    days: fields.days.default(null),
    atMost: fields.atMost.default(20),
    atLeastSimilarity: fields.atLeastSimilarity.default(null),
    since: fields.since.default(null),
    to: fields.to.default([]),
    webhooks: fields.webhooks.default([]),
    evenIfNothing: fields.evenIfNothing.default(false),
  })
  .describe("An alert.");
export type NewAlert = z.input<typeof addAlertSchema>;

/** An alert that is not stored yet, to be previewed. */
export const previewNewAlertSchema = addAlertSchema
  .pick({ ask: true, atMost: true, atLeastSimilarity: true, since: true })
  .describe("What an alert would ask.");
export type NewAlertPreview = z.input<typeof previewNewAlertSchema>;

export const alertRequestSchema = z.strictObject({ alert: z.string().max(200).describe("Its name.") });

export const changeAlertSchema = alertRequestSchema.extend({
  name: alertNameSchema.optional().describe("Its new name, up to 100 characters."),
  ask: fields.ask.optional(),
  every: fields.every.optional(),
  at: fields.at.optional(),
  zone: fields.zone.optional(),
  days: fields.days.optional(),
  atMost: fields.atMost.optional(),
  atLeastSimilarity: fields.atLeastSimilarity.optional(),
  to: fields.to.optional(),
  webhooks: fields.webhooks.optional(),
  evenIfNothing: fields.evenIfNothing.optional(),
  paused: z.boolean().optional().describe("Whether it is left alone when it is due."),
  seen: z.literal(true).optional().describe("Marks everything it has found as seen."),
});
export type AlertChanges = Omit<z.input<typeof changeAlertSchema>, "alert">;

export const seeAlertsSchema = z.strictObject({
  seen: z.literal(true).describe("Marks everything that alerts have found as seen."),
});

/** A paper that an alert has found, and why. */
export const foundSchema = z.strictObject({
  id: z.string(),
  /** Its title when it was found. */
  title: z.string(),
  /** Cosine to the query, or to the nearest like; null if it has none. */
  similarity: z.number().nullable(),
  /** The sentence of the abstract that matches best; null if none does. */
  sentence: z.string().nullable(),
  /** The title, or the text, of the nearest like; null without likes. */
  like: z.string().nullable(),
});
export type FoundPaper = z.infer<typeof foundSchema>;

export const alertRunSchema = z.strictObject({
  /** Larger than those of earlier runs of the alert. */
  number: z.int(),
  at: z.string(),
  /** Best first. */
  papers: z.array(foundSchema),
  /** How many more there were, beyond `atMost`; of a search, likes and daily lists at most 50 are counted. */
  more: z.int(),
  /** The question of the run looked at papers that were added after this one; for `addedAfter`. */
  after: z.int(),
});
export type AlertRun = z.infer<typeof alertRunSchema>;

export const shownRecipientSchema = z.strictObject({
  /** Stands for the address in `to`. */
  id: z.string(),
  /** Only its first letter and its domain, unless the client is at this machine. */
  address: z.string(),
  /** Nothing is sent to an address that has not confirmed, or has unsubscribed. */
  state: z.enum(["active", "unconfirmed", "unsubscribed"]),
  /** Papers found that were not sent yet. */
  undelivered: z.int(),
  /**
   * Why the last mail to the address was refused; null if it was accepted. A client at this machine sees all that the mail server
   * said, others a code.
   */
  failure: z.string().nullable(),
});
export type Recipient = z.infer<typeof shownRecipientSchema>;

export const shownWebhookSchema = z.strictObject({
  /** Stands for the address in `webhooks`. */
  id: z.string(),
  /** Only the origin, unless the client is at this machine: the rest may be a secret. */
  url: z.string(),
  /** Papers found that were not delivered yet. */
  undelivered: z.int(),
  /** Why the last try failed; null if it did not. */
  failure: z.string().nullable(),
  /** What messages are signed with: for a client at this machine, or one that wrote the address in this request; otherwise null. */
  secret: z.string().nullable(),
});
export type Webhook = z.infer<typeof shownWebhookSchema>;

/** What is posted to a webhook: a run of an alert that found something. Fields may be added; anything else is another version. */
export const webhookMessageSchema = z.strictObject({
  type: z.literal("alert.found"),
  version: z.literal(1),
  /** The name of the alert. */
  alert: z.string(),
  run: alertRunSchema.pick({ number: true, at: true, after: true }),
  /** Best first; without those that were removed meanwhile. */
  papers: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      /** The first 50. */
      authors: z.array(z.string()),
      /** 2017, 2017-06 or 2017-06-12. */
      published: z.string().nullable(),
      venue: z.string().nullable(),
      doi: z.string().nullable(),
      arxiv: z.string().nullable(),
      /** Whether it was retracted, withdrawn, or there is a concern. */
      notice: z.string().nullable(),
      why: foundSchema.pick({ similarity: true, sentence: true, like: true }),
      links: z.strictObject({
        /** The paper at its DOI, at arXiv, or at its address. */
        paper: z.string().nullable(),
        /** Its page in Kindred; null without `KINDRED_URL`. */
        kindred: z.string().nullable(),
      }),
    }),
  ),
  /** How many more the run found. */
  more: z.int(),
});
export type WebhookMessage = z.infer<typeof webhookMessageSchema>;

export const alertSchema = z.strictObject({
  name: z.string(),
  ask: z.record(z.string(), z.unknown()),
  every: z.enum(["day", "week", "month"]),
  at: z.string(),
  zone: z.string(),
  days: z.string().nullable(),
  atMost: z.int(),
  atLeastSimilarity: z.number().nullable(),
  since: z.string().nullable(),
  paused: z.boolean(),
  created: z.string(),
  /** When it is due; null if it is paused. */
  next: z.string().nullable(),
  /** When it last ran; null if it never did. */
  ran: z.string().nullable(),
  /** Why the last run failed; null if it did not. */
  error: z.string().nullable(),
  /** Whether this server is running it, or is about to. */
  running: z.boolean(),
  /** Papers that it has found in all, and those found since they were last marked as seen. */
  found: z.int(),
  unread: z.int(),
  evenIfNothing: z.boolean(),
  to: z.array(shownRecipientSchema),
  webhooks: z.array(shownWebhookSchema),
});
export type Alert = z.infer<typeof alertSchema>;

/**
 * What becomes of an address that this client adds: it is active at once (`active`), it is asked to confirm first
 * (`confirm`), or there can be no mail before the server has KINDRED_SMTP (`no-server`), or KINDRED_URL (`no-url`).
 */
export const mailStateSchema = z.enum(["active", "confirm", "no-server", "no-url"]);
export type MailState = z.infer<typeof mailStateSchema>;

export const alertsAnswerSchema = z.strictObject({
  /** By name. */
  alerts: z.array(alertSchema),
  /** Of all alerts. */
  unread: z.int(),
  mail: mailStateSchema,
});
export type AlertsAnswer = z.infer<typeof alertsAnswerSchema>;

export const alertAnswerSchema = z.strictObject({
  alert: alertSchema,
  /** The runs that found something, newest first; at most 100. */
  runs: z.array(alertRunSchema),
});
export type AlertAnswer = z.infer<typeof alertAnswerSchema>;

export const alertPreviewSchema = alertRunSchema.pick({ papers: true, more: true, after: true }).extend({
  /** How many papers are not embedded yet: a run waits for those that it must compare. */
  pending: z.int(),
});
export type AlertPreview = z.infer<typeof alertPreviewSchema>;
