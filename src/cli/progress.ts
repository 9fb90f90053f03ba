/** Progress on standard error: a bar with rate and time left on a terminal, otherwise a plain line every few seconds. */
import { SingleBar } from "cli-progress";

/** Between plain lines, in milliseconds. */
const LINE_EVERY = 5_000;

export type Progress = {
  /** @param total null if unknown: then only the count and the rate are shown. */
  update: (name: string, done: number, total: number | null) => void;
  /** Something to know meanwhile, on a line of its own. */
  note: (words: string) => void;
  end: () => void;
};

export function progress(quiet = false): Progress {
  if (quiet) return { update: () => {}, note: () => {}, end: () => {} };
  const rateOf = rates();
  return process.stderr.isTTY ? bars(rateOf) : lines(rateOf);
}

type RateOf = (name: string, done: number) => number | null;

function bars(rateOf: RateOf): Progress {
  let bar: SingleBar | undefined;
  let shown: string | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
    shown = undefined;
  };
  return {
    update: (name, done, total) => {
      const rate = rateOf(name, done)?.toFixed(0) ?? "-";
      if (name !== shown) {
        end();
        const left = total === null ? "" : " · {eta_formatted} left";
        const known = total === null ? "{value}" : "{bar} {value}/{total}";
        bar = new SingleBar({
          format: `${name.padEnd(10)} ${known} · {rate}/s${left}`,
          barCompleteChar: "█",
          barIncompleteChar: "░",
          etaBuffer: 50,
          hideCursor: true,
        });
        bar.start(total ?? 0, done, { rate });
        shown = name;
      }
      if (total !== null) bar?.setTotal(total);
      bar?.update(done, { rate });
    },
    note: (words) => {
      end();
      console.error(words);
    },
    end,
  };
}

function lines(rateOf: RateOf): Progress {
  let last = performance.now();
  return {
    update: (name, done, total) => {
      const rate = rateOf(name, done);
      const now = performance.now();
      if (now - last < LINE_EVERY && done !== total) return;
      last = now;
      const parts = [total === null ? `${name}: ${done}` : `${name}: ${done} of ${total}`];
      if (rate !== null) parts.push(`${rate.toFixed(0)}/s`);
      if (rate !== null && rate > 0 && total !== null && total > done)
        parts.push(`${Math.ceil((total - done) / rate)} s left`);
      console.error(parts.join(", "));
    },
    note: (words) => console.error(words),
    end: () => {},
  };
}

/** The rate per second since the first update of each name; null for the first 0.2 seconds. */
function rates(): RateOf {
  const starts = new Map<string, { at: number; done: number }>();
  return (name, done) => {
    const now = performance.now();
    const start = starts.get(name) ?? { at: now, done };
    starts.set(name, start);
    const seconds = (now - start.at) / 1000;
    return seconds < 0.2 ? null : (done - start.done) / seconds;
  };
}
