/** Daily papers come day by day; three readers are sent what their alerts find; the process that does it is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { createGunzip } from "node:zlib";
import { openKindred, type Kindred } from "../../src/kindred.js";
import { mulberry32 } from "../../src/map/random.js";
import { Mailbox, titlesOf } from "../common/mailbox.js";
import { Receiver, titlesIn } from "../common/receiver.js";
import { below } from "./draw.js";
import { Fault } from "./fault.js";

const CHILD = fileURLToPath(new URL("./send-child.js", import.meta.url));
/** Days before the first that is replayed: the likes are from there. */
const BEFORE = 10;
const LIKES = 5;
/** What each reader likes: the most upvoted papers of the days before whose titles have the word. */
const READERS = { anna: "video", ben: "language", eva: "robot" };
const SIMILARITY = 0.4;
const MOST = 500;

type Daily = { id: string; title: string; listed: string; upvotes: number };
export type Replay = {
  days: number;
  papers: number;
  kills: number;
  readers: {
    reader: string;
    papers: number;
    mails: number;
    /** Mails that came again with the same Message-ID. */
    twice: number;
    /** What one run at the end finds, and what of it the runs of the days have not found. */
    atOnce: number;
    missing: number;
  }[];
  /** Messages to the webhook of an alert, and those that came again with the same id. */
  webhooks: { alert: string; papers: number; messages: number; twice: number }[];
};

/** @throws Fault when a reader was not sent a paper that an alert has found, or was sent one in two different mails, or a webhook likewise. */
export async function replay(
  directory: string,
  file: string,
  { seed, days, kills }: { seed: number; days: number; kills: number },
): Promise<Replay> {
  const random = mulberry32(seed);
  const closing: (() => unknown)[] = [];
  const box = await Mailbox.start({ after: (work) => void closing.push(work) });
  const receiver = await Receiver.start({ after: (work) => void closing.push(work) });
  const byDay = await papersByDay(file, BEFORE + days);
  const dates = [...byDay.keys()].toSorted();
  const kindred = await openKindred({ directory });
  closing.push(() => kindred.close());
  const bring = async (records: readonly Daily[]) => {
    await kindred.import(Readable.from(records.map((one) => Buffer.from(`${JSON.stringify(one)}\n`))));
    await kindred.index();
  };
  try {
    const first = dates.slice(0, BEFORE).flatMap((date) => byDay.get(date)!);
    await bring(first);
    await follow(kindred, first, receiver.url);
    const environment = {
      ...process.env,
      KINDRED_SMTP: `smtp://127.0.0.1:${box.port}`,
      KINDRED_MAIL_FROM: "kindred@localhost",
    };
    const send = () =>
      spawn(process.execPath, [CHILD, directory], { env: environment, stdio: ["ignore", "ignore", "inherit"] });
    const replayed = dates.slice(BEFORE);
    // Each kill happens on a day that is drawn.
    const killsOn = replayed.map(() => 0);
    for (let i = 0; i < kills; i++) killsOn[below(random, replayed.length)]!++;
    let whole = 4_000;
    for (const [i, date] of replayed.entries()) {
      await bring(byDay.get(date)!);
      for (let left = killsOn[i]!; left > 0; left--) await killed(send(), box, receiver, random, whole);
      const began = performance.now();
      await finished(send());
      whole = performance.now() - began;
    }
    // A mail that may have been accepted is sent again before what was found later.
    await finished(send());
    const options = `--seed ${seed} --replay ${file} --days ${days} --killed ${kills}`;
    return {
      days: replayed.length,
      papers: replayed.flatMap((date) => byDay.get(date)!).length,
      kills,
      readers: await compared(kindred, box, options),
      webhooks: await comparedWebhooks(kindred, receiver, options),
    };
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

async function papersByDay(file: string, days: number): Promise<Map<string, Daily[]>> {
  const input = createReadStream(file);
  const text = file.endsWith(".gz") ? input.pipe(createGunzip()) : input;
  const byDay = new Map<string, Daily[]>();
  for await (const line of createInterface({ input: text })) {
    const one = JSON.parse(line) as Daily;
    byDay.set(one.listed, [...(byDay.get(one.listed) ?? []), one]);
  }
  const wanted = new Set([...byDay.keys()].toSorted().slice(0, days));
  return new Map([...byDay].filter(([date]) => wanted.has(date)));
}

/** An alert for each reader and one for all, and the same again, which nobody is sent and which run only at the end. */
async function follow(kindred: Kindred, papers: readonly Daily[], url: string): Promise<void> {
  const add = async (name: string, ask: object, to: string[]) => {
    const wanted = { ask, atMost: MOST, ...("positive" in ask && { atLeastSimilarity: SIMILARITY }) };
    await kindred.alerts.add({ name, ...wanted, to, webhooks: [`${url}/${name}`] });
    await kindred.alerts.add({ name: `${name} at the end`, ...wanted });
    await kindred.alerts.change(`${name} at the end`, { paused: true });
  };
  for (const [reader, word] of Object.entries(READERS)) {
    const liked = papers
      .filter(({ title }) => title.toLowerCase().includes(word))
      .toSorted((a, b) => b.upvotes - a.upvotes)
      .slice(0, LIKES);
    await add(reader, { positive: liked.map(({ id }) => ({ id })) }, [addressOf(reader)]);
  }
  await add("agents", { q: "agents", mode: "lexical" }, Object.keys(READERS).map(addressOf));
}

const addressOf = (reader: string): string => `${reader}@localhost`;

/** Kills a process at a moment of its work, or of its conversation with the webhooks and the mail server. */
async function killed(
  child: ReturnType<typeof spawn>,
  box: Mailbox,
  receiver: Receiver,
  random: () => number,
  whole: number,
): Promise<void> {
  const ended = once(child, "exit");
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, random() < 0.3 ? random() * whole : 2 * whole);
  let moments = below(random, 13);
  const silent = random() < 0.5;
  box.onAddress =
    box.onMail =
    box.afterMail =
      () => {
        if (moments-- !== 0) return undefined;
        setTimeout(kill, below(random, 10));
        // The server has kept the mail, and nobody hears of it.
        return silent ? "silence" : undefined;
      };
  receiver.onMessage = () => (box.onAddress("") === undefined ? undefined : "keep and hang up");
  await ended;
  clearTimeout(timer);
  box.onAddress = box.onMail = box.afterMail = receiver.onMessage = () => undefined;
}

async function finished(child: ReturnType<typeof spawn>): Promise<void> {
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Fault(`sending ended with ${code}`);
}

const plain = ({ title }: { title: string }): string => title.replaceAll(/\s+/g, " ");

async function comparedWebhooks(kindred: Kindred, receiver: Receiver, options: string): Promise<Replay["webhooks"]> {
  const of = (name: string) => (one: { path: string }) => one.path === `/${name}`;
  const compare = async (name: string) => {
    const { runs } = await kindred.alerts.get(name);
    const messages = receiver.different.filter(of(name));
    const expected = runs.flatMap(({ papers }) => papers.map(plain)).toSorted();
    const sent = titlesIn(messages)
      .map((title) => plain({ title }))
      .toSorted();
    if (sent.join("\n") !== expected.join("\n"))
      throw new Fault(
        `${options}: the webhook of ${name} was sent ${JSON.stringify(sent)}, expected ${JSON.stringify(expected)}`,
      );
    const twice = receiver.received.filter(of(name)).length - messages.length;
    return { alert: name, papers: sent.length, messages: messages.length, twice };
  };
  return Promise.all([...Object.keys(READERS), "agents"].map(compare));
}

async function compared(kindred: Kindred, box: Mailbox, options: string): Promise<Replay["readers"]> {
  const found = async (name: string) =>
    (await kindred.alerts.get(name)).runs.flatMap(({ papers }) => papers.map(plain));
  const foundAtOnce = async (name: string) => {
    const outcome = (await kindred.alerts.run([`${name} at the end`])).get(`${name} at the end`)!;
    if (outcome.error !== null || outcome.waits || outcome.more > 0) throw new Error(`${name} has no whole answer`);
    return outcome.papers.map(plain);
  };
  const [forAll, forAllAtOnce] = [await found("agents"), await foundAtOnce("agents")];
  const readers: Replay["readers"] = [];
  for (const reader of Object.keys(READERS)) {
    const expected = new Set([...(await found(reader)), ...forAll]);
    const mails = box.different.filter(({ to }) => to === addressOf(reader));
    const sent = mails.flatMap(titlesOf).toSorted((a, b) => (a < b ? -1 : 1));
    const twice = box.received.filter(({ to }) => to === addressOf(reader)).length - mails.length;
    const lost = [...expected].filter((title) => !sent.includes(title));
    const more = sent.filter((title, i) => !expected.has(title) || sent[i - 1] === title);
    if (lost.length + more.length > 0)
      throw new Fault(
        `${options}: ${reader} was not sent ${JSON.stringify(lost)}, and was sent ${JSON.stringify(more)}`,
      );
    const atOnce = new Set([...(await foundAtOnce(reader)), ...forAllAtOnce]);
    const missing = [...atOnce].filter((title) => !expected.has(title)).length;
    readers.push({ reader, papers: sent.length, mails: mails.length, twice, atOnce: atOnce.size, missing });
  }
  return readers;
}
