import { Command, InvalidArgumentError, Option } from "commander";
import {
  alertFiltersSchema,
  MAX_LIMIT,
  modeSchema,
  type Alert,
  type AlertChanges,
  type FoundPaper,
  type NewAlert,
  type Region,
} from "../api.js";
import { sendTest } from "../alerts/mailing.js";
import { KindredError } from "../core/errors.js";
import type { Kindred } from "../kindred.js";
import { tell } from "./exit.js";
import { indexing } from "./index.js";
import {
  collect,
  directoryOption,
  expectPapers,
  integer,
  jsonOption,
  opened,
  using,
  withFields,
  withWorkers,
  type Workers,
} from "./options.js";
import { addPauseAndResume } from "./pause.js";
import { plain } from "./print.js";

type Common = { directory: string; json: boolean };
type Given = Omit<Times, "to" | "webhooks"> &
  Asking & { ifNothing?: "mail" | "silence"; to?: string[]; webhook?: string[] };
type Times = Pick<
  AlertChanges,
  "every" | "at" | "zone" | "days" | "atMost" | "atLeastSimilarity" | "to" | "webhooks" | "evenIfNothing"
>;
type Asking = {
  q?: string;
  mode?: NewAlert["ask"]["mode"];
  like?: string[];
  likeText?: string[];
  dislike?: string[];
  dislikeText?: string[];
  likeList?: string[];
  daily?: boolean;
  trending?: boolean;
  region?: string;
  [filter: string]: unknown;
};

export function alertCommand(): Command {
  const command = new Command("alert").description("collect new papers that a question finds, and report them");
  command.addCommand(addCommand());
  command
    .command("list")
    .description("list the alerts, with how much each has found")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async ({ directory, json }: Common) => {
      const answer = await opened(directory, (kindred) => kindred.alerts.list());
      if (json) console.log(JSON.stringify(answer, null, 2));
      else for (const alert of answer.alerts) console.log(plain(line(alert)));
    });
  command
    .command("show")
    .description("show an alert and what it has found")
    .argument("<name>", "its name")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json }: Common) => {
      const shown = await opened(directory, (kindred) => kindred.alerts.get(name));
      if (json) {
        console.log(JSON.stringify(shown, null, 2));
        return;
      }
      console.log(plain(line(shown.alert)));
      console.log(plain(`asks ${JSON.stringify(shown.alert.ask)}`));
      for (const { address, state, undelivered, failure } of shown.alert.to)
        console.log(plain(`to ${address}${state === "active" ? "" : ` (${state})`}${late(undelivered, failure)}`));
      for (const { url, secret, undelivered, failure } of shown.alert.webhooks)
        console.log(plain(`webhook ${url} (secret ${secret})${late(undelivered, failure, "failed")}`));
      for (const { at, papers, more } of shown.runs) {
        console.log(`\n${at}`);
        printFound(papers, more);
      }
    });
  command.addCommand(editCommand());
  addPauseAndResume(command, "an alert", (kindred, name, changes) => kindred.alerts.change(name, changes));
  command
    .command("remove")
    .description("remove an alert, and what it has found; the papers stay")
    .argument("<name>", "its name")
    .addOption(directoryOption())
    .action(async (name: string, { directory }: { directory: string }) =>
      opened(directory, (kindred) => kindred.alerts.remove(name)),
    );
  command
    .command("preview")
    .description("show what an alert would find now, and store nothing")
    .argument("<name>", "its name")
    .option("--mail", "the mail that its addresses would be sent", false)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json, mail }: Common & { mail: boolean }) => {
      if (mail) {
        const written = await opened(directory, (kindred) => kindred.mail.preview(name));
        const lines = [`Subject: ${written.subject}`, "", ...written.text.split("\n")];
        console.log(json ? JSON.stringify(written, null, 2) : lines.map(plain).join("\n"));
        return;
      }
      const preview = await opened(directory, (kindred) => kindred.alerts.preview(name));
      if (json) console.log(JSON.stringify(preview, null, 2));
      else {
        printFound(preview.papers, preview.more);
        if (preview.pending > 0) console.log(`(${preview.pending} papers are not embedded yet)`);
      }
    });
  command.addCommand(runCommand());
  command
    .command("test-mail")
    .description("send a mail, to see whether the settings for mail are right")
    .argument("<address>", "where to")
    .addOption(jsonOption())
    .action(async (address: string, { json }: { json: boolean }) => {
      const said = await sendTest(address, process.env);
      console.log(json ? JSON.stringify({ said }, null, 2) : plain(`the mail server has accepted it: ${said}`));
    });
  return command;
}

function addCommand(): Command {
  return withTimes(withAsking(new Command("add").description("add an alert, which a server then runs when it is due")))
    .argument("<name>", "its name")
    .option("--since <date>", "also what is here already, but only what was published on or after this date")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (name: string, { directory, json, ...options }: Common & Given & { since?: string }) => {
      const { times, since, asking } = divided(options);
      const shown = await opened(directory, async (kindred) => {
        const ask = (await askOf(kindred, asking)) ?? {};
        const added = await kindred.alerts.add({ name, ask, ...times, ...(since !== undefined && { since }) });
        return kindred.alerts.get(added);
      });
      if (json) console.log(JSON.stringify(shown, null, 2));
      else console.log(plain(`alert ${shown.alert.name} added; a server runs it ${when(shown.alert)}`));
    });
}

function editCommand(): Command {
  return withTimes(
    withAsking(new Command("edit").description("change an alert; options for what it asks replace that as a whole")),
  )
    .argument("<name>", "its name")
    .option("--name <name>", "a new name")
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (old: string, { directory, json, name, ...options }: Common & Given & { name?: string }) => {
      const { times, asking } = divided(options);
      const shown = await opened(directory, async (kindred) => {
        const ask = await askOf(kindred, asking);
        await kindred.alerts.change(old, { ...times, ...(ask && { ask }), ...(name !== undefined && { name }) });
        return kindred.alerts.get(name ?? old);
      });
      if (json) console.log(JSON.stringify(shown, null, 2));
      else console.log(plain(line(shown.alert)));
    });
}

function runCommand(): Command {
  const command = new Command("run")
    .description("run alerts now, whether or not they are due")
    .argument("[name...]", "the alerts (default: all that are not paused)")
    .option("--no-index", "do not embed papers first: alerts that must compare them then wait");
  return withWorkers(command)
    .addOption(directoryOption())
    .addOption(jsonOption())
    .action(async (names: string[], { json, index, ...options }: Workers & Common & { index: boolean }) => {
      expectPapers(options.directory);
      const { outcomes, sent, posted } = await using(options, async (kindred) => {
        if (index) await indexing(kindred, json);
        const outcomes = await kindred.alerts.run(names.length === 0 ? undefined : names);
        // What alerts have found is printed, whether or not it can be sent.
        const [sent] = await Promise.allSettled([kindred.mail.send()]);
        const [posted] = await Promise.allSettled([kindred.webhooks.send()]);
        return { outcomes, sent, posted };
      });
      const mail = doneBy(sent);
      const webhooks = doneBy(posted);
      if (json) {
        const done = [...outcomes].map(([name, one]) => [name, { ...one, error: one.error?.message ?? null }]);
        console.log(
          JSON.stringify(
            { alerts: Object.fromEntries(done) as object, ...(mail && { mail }), ...(webhooks && { webhooks }) },
            null,
            2,
          ),
        );
      }
      for (const [name, { papers, more, error, waits }] of outcomes) {
        if (error !== null) process.exitCode = tell(new KindredError(error.code, `${name}: ${error.message}`));
        else if (!json) {
          console.log(plain(`${name}: ${waits ? "waits until papers are embedded" : `${papers.length} new papers`}`));
          printFound(papers, more);
        }
      }
      if (!json && mail !== null && mail.accepted > 0) console.log(`${mail.accepted} mails were accepted`);
      if (!json && webhooks !== null && webhooks.accepted > 0)
        console.log(`${webhooks.accepted} messages to webhooks were accepted`);
      for (const { address, said } of mail?.refused ?? [])
        process.exitCode = tell(new KindredError("unreachable", `the mail to ${address} was refused: ${said}`));
      for (const { url, said } of webhooks?.refused ?? [])
        process.exitCode = tell(new KindredError("unreachable", `a webhook at ${new URL(url).origin} failed: ${said}`));
      for (const [what, { reason }] of [
        ["mails", sent],
        ["messages to webhooks", posted],
      ] as [string, { reason?: unknown }][]) {
        if (reason === undefined) continue;
        if (!(reason instanceof KindredError && reason.code === "busy")) throw reason;
        if (!json) console.log(`another process is sending the ${what}`);
      }
    });
}

/** The options that say what an alert asks. */
function withAsking(command: Command): Command {
  command
    .option("--q <query>", "a query, as of kindred search")
    .addOption(
      new Option("--mode <mode>", "search by words and meaning, or by one of them").choices(modeSchema.options),
    )
    .option("-l, --like <id>", "a paper you like; may be repeated", collect)
    .option("--like-text <text>", "a text that describes what you like; may be repeated", collect)
    .option("-x, --dislike <id>", "a paper you do not like; may be repeated", collect)
    .option("--dislike-text <text>", "a text that describes what you do not like; may be repeated", collect)
    .option("--like-list <name>", "a list whose papers you like; may be repeated", collect)
    .option("--daily", "what appears on daily lists")
    .option("--trending", "what is among the most upvoted for its age")
    .option("--region <name>", "a region of the map, by its name there");
  // --to is read below: it is a date, or an address.
  return withFields(command, alertFiltersSchema, ["to"]);
}

function withTimes(command: Command): Command {
  const similarity = (text: string): number | null => {
    const value = Number(text);
    if (text === "none") return null;
    if (!(value >= 0 && value <= 1) || text.trim() === "")
      throw new InvalidArgumentError(`got "${text}", expected a number from 0 to 1, or none.`);
    return value;
  };
  return command
    .addOption(new Option("--every <period>", "how often it runs (default: day)").choices(["day", "week", "month"]))
    .option("--at <time>", "at what time (default: 08:00)")
    .option("--zone <zone>", "time zone of --at, such as Europe/Berlin (default: that of this machine)")
    .option("--days <days>", "on these days of the week: mon-fri, or tue,thu; weekly or monthly on the first of them")
    .option("--at-most <number>", "papers of one run, the most relevant (default: 20)", integer(1, MAX_LIMIT))
    .option(
      "--at-least-similarity <cosine>",
      "smallest cosine to the query or the nearest like; none for no limit",
      similarity,
    )
    .option(
      "--to <address>",
      "an e-mail address that is sent what it finds, or none; may be repeated. A date: published on or before it",
      collect,
    )
    .option(
      "--webhook <url>",
      "an address to which what it finds is posted, or none; may be repeated, and replaces those it had",
      collect,
    )
    .addOption(
      new Option("--if-nothing <what>", "what its addresses are sent if it finds nothing (default: silence)").choices([
        "mail",
        "silence",
      ]),
    );
}

const TIMES = ["every", "at", "zone", "days", "atMost", "atLeastSimilarity"];

function divided({ since, ifNothing, to = [], webhook, ...options }: Given & { since?: string }): {
  times: Times;
  since: string | undefined;
  asking: Asking;
} {
  const [times, asking] = [true, false].map((isTime) =>
    Object.fromEntries(Object.entries(options).filter(([name]) => TIMES.includes(name) === isTime)),
  );
  const dates = to.filter((one) => /^\d{4}\b/.test(one) && !one.includes("@"));
  const addresses = to.filter((one) => !dates.includes(one));
  if (addresses.length > 0) times!["to"] = addresses.filter((one) => one !== "none");
  if (webhook !== undefined) times!["webhooks"] = webhook.filter((one) => one !== "none");
  if (ifNothing !== undefined) times!["evenIfNothing"] = ifNothing === "mail";
  if (dates.length > 0) asking!["to"] = dates.at(-1);
  return { times: times as Times, since, asking: asking as Asking };
}

/** What the options ask; undefined if none is given. */
async function askOf(kindred: Kindred, options: Asking): Promise<NewAlert["ask"] | undefined> {
  if (Object.values(options).every((value) => value === undefined)) return undefined;
  const { like = [], likeText = [], dislike = [], dislikeText = [], likeList, region, ...others } = options;
  const examples = (ids: string[], texts: string[]) => [
    ...ids.map((id) => ({ id })),
    ...texts.map((text) => ({ text })),
  ];
  const [positive, negative] = [examples(like, likeText), examples(dislike, dislikeText)];
  return {
    ...others,
    ...(positive.length > 0 && { positive }),
    ...(negative.length > 0 && { negative }),
    ...(likeList && { basedOn: likeList }),
    ...(region !== undefined && { area: areaOf((await kindred.map()).regions, region) }),
  };
}

/** The square around the centre of a region that reaches halfway to the next region of its level. */
function areaOf(regions: readonly Region[], wanted: string): string {
  const region = regions.find(({ name }) => name.toLowerCase() === wanted.trim().toLowerCase());
  if (region === undefined) {
    const names = regions.filter(({ level }) => level === 0).map(({ name }) => `"${name}"`);
    throw new KindredError(
      "not-found",
      `the map has no region called "${wanted.slice(0, 100)}"; the largest are ${names.join(", ") || "none yet"}`,
      { parameter: "region" },
    );
  }
  const { x, y, level } = region;
  const distances = regions
    .filter((other) => other !== region && other.level === level)
    .map((other) => Math.max(Math.abs(other.x - x), Math.abs(other.y - y)));
  const half = Math.min(...distances, Number.MAX_SAFE_INTEGER) / 2;
  return [x - half, y - half, x + half, y + half].join(",");
}

function printFound(papers: readonly FoundPaper[], more: number): void {
  for (const [i, { id, title, similarity, sentence, like }] of papers.entries()) {
    const lines = [
      id,
      sentence === null ? "" : `"${sentence}"`,
      like === null ? "" : `because you like ${like}`,
      similarity === null ? "" : `cosine ${similarity.toFixed(2)}`,
    ].filter((text) => text !== "");
    console.log(
      [`${String(i + 1).padStart(3)}. ${plain(title)}`, ...lines.map((text) => `     ${plain(text)}`)].join("\n"),
    );
  }
  if (more > 0) console.log(`and ${more} more`);
}

/** What was sent; null if nothing was, or that failed. */
function doneBy<R extends { accepted: number; refused: unknown[] }>(sent: PromiseSettledResult<R>): R | null {
  const report = sent.status === "fulfilled" ? sent.value : null;
  return report !== null && report.accepted + report.refused.length > 0 ? report : null;
}

const when = ({ every, at, zone, days, next }: Alert): string =>
  `every ${every}${days === null ? "" : ` (${days})`} at ${at} ${zone}${next === null ? "" : `, next ${next}`}`;

/** What was not sent to an address or a webhook yet, and why. */
function late(undelivered: number, failure: string | null, what = "refused"): string {
  const papers = undelivered === 0 ? "" : `: ${undelivered} papers not sent yet`;
  return failure === null ? papers : `${papers}: ${what}: ${failure}`;
}

function line(alert: Alert): string {
  const { name, paused, ran, error, found, unread, to, webhooks } = alert;
  const last = ran === null ? "has not run yet" : error === null ? `ran ${ran}` : `failed ${ran}: ${error}`;
  const mail = to.flatMap(({ address, undelivered, failure }) =>
    failure === null ? [] : [`; mail to ${address}${late(undelivered, failure)}`],
  );
  const hooks = webhooks.flatMap(({ url, undelivered, failure }) =>
    failure === null ? [] : [`; webhook at ${new URL(url).origin}${late(undelivered, failure, "failed")}`],
  );
  return `${name}: ${found} papers, ${unread} unread; ${last}; ${paused ? "paused" : when(alert)}${mail.join("")}${hooks.join("")}`;
}
