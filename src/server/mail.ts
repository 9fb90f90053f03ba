/** The pages that links in mails lead to: they end or confirm mails, need no key, and change nothing until a button is pressed. */
import { createHash } from "node:crypto";
import { escapeUTF8 as encode } from "entities";
import type { Request, RequestHandler, Response } from "express";
import type { Link, Subscription } from "../alerts/recipients.js";
import { maskedAddress } from "../core/email.js";
import type { Kindred } from "../kindred.js";
import type { Lane } from "./lanes.js";

const STYLE = `:root { color-scheme: light dark }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 3rem 1rem; overflow-wrap: anywhere }
button { font: inherit; padding: .5rem 1rem; min-height: 2.75rem }`;
const POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** Longest token that is looked at, in characters: those of links have about 75. */
const LONGEST = 200;

type Page = { title: string; text: string; button?: string };

/** Shows what a link does. */
export const showLink =
  (kindred: Kindred, lane: Lane): RequestHandler =>
  async (request, response) => {
    const token = tokenOf(request);
    if (token.length > LONGEST) return unknown(response);
    const found = await lane.run(() => foundBy(kindred, token), new AbortController().signal);
    if (found === undefined) unknown(response);
    else send(response, 200, asked(found));
  };

/** Does it; also for mail programs, which post without opening the page (RFC 8058). */
export const followLink =
  (kindred: Kindred, lane: Lane): RequestHandler =>
  async (request, response) => {
    const token = tokenOf(request);
    if (token.length > LONGEST) return unknown(response);
    // A client that goes away has pressed the button all the same.
    const found = await lane.run(async () => {
      const one = await foundBy(kindred, token);
      if (one !== undefined) await kindred.alerts.recipients.follow(one.link);
      return one;
    }, new AbortController().signal);
    if (found === undefined) return unknown(response);
    send(response, 200, done(found));
  };

type Found = { link: Link; subscriptions: Subscription[]; name: string };

const tokenOf = (request: Request): string => [request.params["token"] ?? []].flat().join("/");

async function foundBy(kindred: Kindred, token: string): Promise<Found | undefined> {
  const { recipients } = kindred.alerts;
  const link = await recipients.linkOf(token);
  if (link === undefined) return undefined;
  const known =
    link.alert === null ? undefined : (await kindred.alerts.known()).find(({ alert }) => alert.id === link.alert);
  return { link, subscriptions: await recipients.subscriptionsOf(link), name: known?.name ?? "" };
}

function asked({ link, subscriptions, name }: Found): Page {
  const open = subscriptions.filter(({ state }) => state !== "unsubscribed");
  const to = maskedAddress(subscriptions[0]?.address ?? "");
  if (link.does === "confirm") {
    if (open.length === 0) return gone;
    if (open[0]!.state === "active") return confirmed(name);
    return {
      title: "Do you want these mails?",
      text: `Kindred will send the new papers that the alert “${name}” finds to ${to}, at most one mail a day.`,
      button: "Yes, send them",
    };
  }
  // Someone who is among no addresses may still refuse to be asked again.
  if (open.length === 0) return link.alert === null && subscriptions.length === 0 ? all("this address") : gone;
  return link.alert === null
    ? all(to)
    : {
        title: "No more of these mails?",
        text: `Kindred will not send what the alert “${name}” finds to ${to} any more.`,
        button: "Unsubscribe",
      };
}

const all = (to: string): Page => ({
  title: "No more mails at all?",
  text: `Kindred will not send any mail to ${to} any more.`,
  button: "Unsubscribe from everything",
});

const done = ({ link, subscriptions, name }: Found): Page =>
  link.does === "confirm"
    ? subscriptions.some(({ state }) => state !== "unsubscribed")
      ? confirmed(name)
      : gone
    : {
        title: "You are unsubscribed",
        text:
          link.alert === null
            ? "Kindred will not send you any more mails."
            : `Kindred will not send you what the alert${name === "" ? "" : ` “${name}”`} finds any more.`,
      };

const confirmed = (name: string): Page => ({
  title: "Thank you",
  text: `You will receive what the alert “${name}” finds. Each mail has a link that ends it.`,
});

const gone: Page = {
  title: "There is nothing left to do",
  text: "The alert was removed, or does not send you mails any more, or was not confirmed in time.",
};

const unknown = (response: Response): void =>
  send(response, 404, {
    title: "This link does not work",
    text: "It may have been cut off by your mail program: copy the whole link. To end the mails without it, answer whoever runs this Kindred.",
  });

function send(response: Response, status: number, { title, text, button }: Page): void {
  const form = button === undefined ? "" : `\n<form method="post"><button>${encode(button)}</button></form>`;
  response
    .status(status)
    .set({ "Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Robots-Tag": "noindex" })
    // Under no-referrer, the browser would not say that its own form was sent from here.
    .set("Referrer-Policy", "same-origin")
    .type("html").send(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${encode(title)} - Kindred</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${encode(title)}</h1>
<p dir="auto">${encode(text)}</p>${form}
</main>
</body>
</html>
`);
}
