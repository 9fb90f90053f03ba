import { type Cut, type Cutter, NEWLINE, tooLarge } from "./cut.js";
import { MAX_RECORD_BYTES } from "./reading.js";

/** Cuts lines, without their line breaks. Blank lines are kept. */
export class LineCutter implements Cutter {
  private line = 1;
  private parts: Buffer[] = [];
  private size = 0;
  private skipping = false;

  constructor(private readonly limit = MAX_RECORD_BYTES) {}

  *push(bytes: Buffer): Generator<Cut> {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield* this.add(bytes.subarray(from, end));
      yield* this.finishLine();
      from = end + 1;
    }
    if (from < bytes.length) yield* this.add(bytes.subarray(from));
  }

  *end(): Generator<Cut> {
    if (this.size > 0) yield* this.finishLine();
  }

  private *add(part: Buffer): Generator<Cut> {
    this.size += part.length;
    if (this.skipping) return;
    this.parts.push(part);
    if (this.size > this.limit) {
      this.skipping = true;
      this.parts = [];
      yield { line: this.line, problem: tooLarge("this line", this.limit) };
    }
  }

  private *finishLine(): Generator<Cut> {
    if (!this.skipping) {
      const [only] = this.parts;
      yield {
        line: this.line,
        bytes: this.parts.length === 1 && only !== undefined ? only : Buffer.concat(this.parts),
      };
    }
    this.parts = [];
    this.size = 0;
    this.skipping = false;
    this.line++;
  }
}
