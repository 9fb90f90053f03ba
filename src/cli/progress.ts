/** Long work on standard error: a bar with rate and time left on a terminal, now and then a plain line elsewhere. */
import { SingleBar } from "cli-progress";

/** Between plain lines, in milliseconds. */
const LINE_EVERY = 5_000;

export type Progress = {
  /** `detail` is said behind the numbers. */
  update(name: string, done: number, total: number): void;
  end(): void;
};

export function progress(quiet = false): Progress {
  if (quiet) return { update: () => {}, end: () => {} };
  return process.stderr.isTTY ? bars() : lines();
}

function bars(): Progress {
  let bar: SingleBar | undefined;
  let shown: string | undefined;
  const end = () => {
    bar?.stop();
    bar = undefined;
    shown = undefined;
  };
  return {
    update: (name, done, total) => {
      if (name !== shown) {
        end();
        bar = new SingleBar({
          format: `${name.padEnd(10)} {bar} {value}/{total} · {rate}/s · {eta_formatted} left`,
          barCompleteChar: "█",
          barIncompleteChar: "░",
          etaBuffer: 50,
          hideCursor: true,
        });
        bar.start(total, done, { rate: "-" });
        shown = name;
      }
      bar?.setTotal(total);
      bar?.update(done, { rate: rateOf(name, done) });
    },
    end,
  };
}

function lines(): Progress {
  let last = 0;
  return {
    update: (name, done, total) => {
      const rate = rateOf(name, done);
      const now = performance.now();
      if (now - last < LINE_EVERY && done < total) return;
      last = now;
      const left = Number(rate) > 0 ? `, ${Math.ceil((total - done) / Number(rate))} s left` : "";
      console.error(`${name}: ${done} of ${total}, ${rate}/s${left}`);
    },
    end: () => {},
  };
}

const starts = new Map<string, { at: number; done: number }>();

/** Per second since the first news of it. */
function rateOf(name: string, done: number): string {
  const now = performance.now();
  const start = starts.get(name) ?? { at: now, done };
  starts.set(name, start);
  const seconds = (now - start.at) / 1000;
  return seconds < 0.2 ? "-" : ((done - start.done) / seconds).toFixed(0);
}
