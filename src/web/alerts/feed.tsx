/** A button that shows the address of the feed of a view, and the link in the head by which feed readers find it. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { keepsKey, type Problem, reply } from "../api/http.js";
import { addressOf, type View } from "../navigation/address.js";
import { Copy } from "../ui/copy.js";
import { type Feed, feedOf } from "./feeds.js";

const FORMATS = ["atom", "json"] as const;
type Format = (typeof FORMATS)[number];
const NAMES: Record<Format, string> = { atom: "Atom", json: "JSON Feed" };

const addressOfFeed = ({ path }: Feed, format: Format): string =>
  new URL(`./feeds/${format}/${path}`, location.href).href;

/**
 * The address to give to a feed reader: with its secret, where reading needs a key. The feed contains it.
 *
 * @throws Problem
 */
async function sharedAddress(feed: Feed, format: Format, signal: AbortSignal): Promise<string> {
  const address = addressOfFeed(feed, format);
  if (!keepsKey()) return address;
  const text = await reply(address, { signal }, (response) => response.text());
  const secret = new URL(selfIn(text, format), address).searchParams.get("secret");
  return secret === null ? address : `${address}${address.includes("?") ? "&" : "?"}secret=${secret}`;
}

/** The address that a feed says it has; empty if it says none. */
function selfIn(text: string, format: Format): string {
  if (format === "json") {
    const { feed_url: self }: { feed_url: string } = JSON.parse(text);
    return self;
  }
  const self = new DOMParser().parseFromString(text, "application/xml").querySelector('link[rel="self"]');
  return self?.getAttribute("href") ?? "";
}

/** @param of What it is a feed of, where a view has several. */
export function FeedButton({ view, of }: { view: View; of?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const title = useId();
  const feed = feedOf(view);
  if (feed === null) return null;
  return (
    <>
      <button
        type="button"
        class="link"
        aria-haspopup="dialog"
        aria-label={of === undefined ? undefined : `Feed: ${of}`}
        data-action="feed"
        onClick={() => {
          setOpen(true);
          dialog.current?.showModal();
        }}
      >
        Feed
      </button>
      <dialog ref={dialog} class="feed" aria-labelledby={title} onClose={() => setOpen(false)}>
        <h2 id={title}>Feed</h2>
        {open && <Address feed={feed} />}
        <form method="dialog">
          <button>Close</button>
        </form>
      </dialog>
    </>
  );
}

function Address({ feed }: { feed: Feed }) {
  const [format, setFormat] = useState<Format>("atom");
  const [address, setAddress] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const shown = useRef<HTMLPreElement>(null);
  // It is what one opens the dialog for.
  useLayoutEffect(() => shown.current?.closest("dialog")?.querySelector<HTMLElement>(".copy")?.focus(), []);
  useEffect(() => {
    const asking = new AbortController();
    setAddress(null);
    setProblem("");
    sharedAddress(feed, format, asking.signal).then(setAddress, ({ message }: Problem) => {
      if (!asking.signal.aborted) setProblem(message);
    });
    return () => asking.abort();
  }, [feed.path, format]);
  return (
    <>
      <p>
        Give this address to a feed reader, and it shows new papers as they come: <bdi>{feed.title}</bdi>.
      </p>
      <fieldset class="choice row">
        <legend class="unseen">Format</legend>
        {FORMATS.map((one) => (
          <label key={one}>
            <input type="radio" name="feed" checked={format === one} onChange={() => setFormat(one)} />
            {NAMES[one]}
          </label>
        ))}
      </fieldset>
      <pre ref={shown} tabIndex={0} role="region" aria-label="The address" aria-busy={address === null}>
        {address}
      </pre>
      {address?.includes("secret=") === true && (
        <p class="quiet">Whoever has this address can read this feed, and nothing else.</p>
      )}
      <Copy text={address} shown={shown} words={problem} />
    </>
  );
}

/** Links the feed of the view in the head of the page. Without a secret: where reading needs a key, the button has it. */
export function useFeedLink(view: View): void {
  useEffect(() => {
    const feed = feedOf(view);
    if (feed === null || keepsKey()) return undefined;
    const link = document.createElement("link");
    link.rel = "alternate";
    link.type = "application/atom+xml";
    link.title = `Kindred: ${feed.title}`;
    link.href = addressOfFeed(feed, "atom");
    document.head.append(link);
    return () => link.remove();
  }, [addressOf(view)]);
}
