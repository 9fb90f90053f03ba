/**
 * Converts LaTeX, as in BibTeX files and arXiv's metadata, to text, and text to LaTeX.
 *
 * Mathematics (`$..$`, `$$..$$`, `\(..\)`, `\[..\]`) is kept as LaTeX: people and the embedding model read it so, and a
 * partial conversion would be neither text nor formula.
 */

/** Combining characters of the accents; NFC merges them with their letters. */
const ACCENTS: Record<string, string> = {
  "'": "\u0301",
  "`": "\u0300",
  "^": "\u0302",
  '"': "\u0308",
  "~": "\u0303",
  "=": "\u0304",
  ".": "\u0307",
  u: "\u0306",
  v: "\u030c",
  H: "\u030b",
  c: "\u0327",
  d: "\u0323",
  b: "\u0331",
  k: "\u0328",
  r: "\u030a",
};

// prettier-ignore
const SYMBOLS: Record<string, string> = {
  ss: "ß", ae: "æ", AE: "Æ", oe: "œ", OE: "Œ", o: "ø", O: "Ø", l: "ł", L: "Ł", aa: "å", AA: "Å", i: "i", j: "j",
  dh: "ð", DH: "Ð", th: "þ", TH: "Þ", dj: "đ", DJ: "Đ", ng: "ŋ", NG: "Ŋ", SS: "ẞ",
  "&": "&", "%": "%", $: "$", "#": "#", _: "_", "{": "{", "}": "}",
  " ": " ", ",": " ", ";": " ", ":": " ", "!": "", "-": "", "/": "", "\\": " ", "\n": " ", "@": "",
  textbackslash: "\\", textasciitilde: "~", textasciicircum: "^", textasciigrave: "`", textunderscore: "_",
  textbraceleft: "{", textbraceright: "}", textdollar: "$", textless: "<", textgreater: ">", textbar: "|",
  lbrace: "{", rbrace: "}", textquotesingle: "'", textquotedbl: '"', textquoteleft: "‘", textquoteright: "’",
  textquotedblleft: "“", textquotedblright: "”", lq: "‘", rq: "’", guillemotleft: "«", guillemotright: "»",
  glqq: "„", grqq: "“", ldots: "...", dots: "...", textellipsis: "...", textendash: "–", textemdash: "—",
  copyright: "©", textcopyright: "©", textregistered: "®", texttrademark: "™", pounds: "£", textsterling: "£",
  euro: "€", texteuro: "€", textdegree: "°", degree: "°", S: "§", P: "¶", dag: "†", ddag: "‡", textmu: "µ",
  textperiodcentered: "·", textbullet: "•", textexclamdown: "¡", textquestiondown: "¿", textpm: "±", texttimes: "×",
  LaTeX: "LaTeX", TeX: "TeX", BibTeX: "BibTeX", quad: " ", qquad: " ", newline: " ", par: " ", linebreak: " ",
  thinspace: " ", enspace: " ", nobreakspace: " ", slash: "/", textasteriskcentered: "*", item: " ",
  sim: "~", approx: "≈", pm: "±", times: "×", cdot: "·", le: "≤", leq: "≤", ge: "≥", geq: "≥", lt: "<", gt: ">",
  to: "→", rightarrow: "→", leftarrow: "←", infty: "∞", circ: "°", ell: "ℓ",
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", varepsilon: "ε", zeta: "ζ", eta: "η", theta: "θ",
  iota: "ι", kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ",
  upsilon: "υ", phi: "φ", varphi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ",
  Lambda: "Λ", Xi: "Ξ", Pi: "Π", Sigma: "Σ", Upsilon: "Υ", Phi: "Φ", Psi: "Ψ", Omega: "Ω",
};

/** Commands that only format their argument, and declarations that format what follows. */
const FORMATTING = new Set(
  (
    "emph textit textbf texttt textsc textrm textsf textsl textup textmd textnormal text mbox hbox underline uline uppercase " +
    "textsuperscript textsubscript mkbibemph mkbibbold ensuremath href footnotesize relax protect " +
    "it bf em sl tt sc rm sf bfseries itshape scshape ttfamily rmfamily sffamily slshape upshape mdseries normalfont " +
    "small large Large huge tiny displaystyle textstyle noopsort ignorespaces boldmath unboldmath centering xspace"
  ).split(" "),
);
/** Commands removed with their argument: they refer to other parts of a document. */
const REFERENCES = new Set(
  "cite citep citet citealp citeauthor citeyear textcite parencite ref eqref label vspace hspace begin end pageref thanks footnotemark vphantom hphantom phantom color noop".split(
    " ",
  ),
);
const QUOTED = new Set(["enquote", "mkbibquote"]);
const LIGATURES = [
  ["---", "—"],
  ["--", "–"],
  ["``", "“"],
  ["''", "”"],
] as const;
/** Deepest nesting of braces; deeper ones are dropped. */
const MAX_DEPTH = 200;
/** Longest optional argument of a removed command, in characters. */
const MAX_OPTION = 200;

/**
 * How much of a text is LaTeX. "bibtex": all of it, and braces protect capitals; "arxiv": all of it, but `{a, b}` is
 * more likely a set; "remains": text that others converted from LaTeX, incompletely.
 */
export type LatexSource = "bibtex" | "arxiv" | "remains";
const MAX_ROUNDS = 10;

/**
 * Converts LaTeX to text that is not cleaned yet. Unknown commands are kept. Never throws. With "remains", converting
 * the result again changes nothing.
 */
export function latexToText(latex: string, source: LatexSource): string {
  if (source !== "remains") return /[\\{}~$`]|--/.test(latex) ? new LatexReader(latex, source).read() : latex;
  let text = latex;
  for (let round = 0; round < MAX_ROUNDS && /[\\`]/.test(text); round++) {
    const read = new LatexReader(text, source).read();
    if (read === text) break;
    text = read;
  }
  return text;
}

/**
 * Symbols that are kept with "remains": they would be read as LaTeX again, or follow a backslash in other texts too.
 */
const NOT_REMAINS =
  /^(?:[^A-Za-z&%#_]|textbackslash|textdollar|textbrace(?:left|right)|[lr]brace|text(?:ascii)?grave|par)$/;

class LatexReader {
  private at = 0;
  private depth = 0;
  /** How many `` have no '' yet. */
  private openQuotes = 0;
  /** Closing delimiters of mathematics that do not occur in the rest of the text. */
  private readonly missing = new Set<string>();

  constructor(
    private readonly latex: string,
    private readonly source: LatexSource,
  ) {}

  read(): string {
    let text = "";
    while (this.at < this.latex.length) {
      // An unmatched closing brace is not LaTeX: it is kept, except in BibTeX.
      text += this.group();
      if (this.at < this.latex.length) {
        this.at++;
        if (this.source !== "bibtex") text += "}";
      }
    }
    return text;
  }

  /** Everything up to the end or the closing brace, exclusive. */
  private group(): string {
    let text = "";
    while (this.at < this.latex.length && this.latex[this.at] !== "}") text += this.next();
    return text;
  }

  private next(): string {
    const { latex, at } = this;
    const plain = /[^\\{}~$`'-]+/y;
    plain.lastIndex = at;
    const run = plain.exec(latex)?.[0];
    if (run !== undefined) {
      this.at += run.length;
      return run;
    }
    const character = latex[at] ?? "";
    if (character === "\\") return this.command();
    if (character === "{") return this.braced();
    if (character === "$") return this.mathematics();
    const ligature = this.ligature();
    if (ligature !== undefined) return ligature;
    this.at++;
    // A tie separates two words; "about ~100" marks an approximate number, and "/~name" a URL.
    if (character === "~" && this.source !== "remains")
      return /[^\s/{]/.test(latex[at - 1] ?? " ") && /[^\s}]/.test(latex[at + 1] ?? " ") ? " " : "~";
    return character;
  }

  private ligature(): string | undefined {
    for (const [written, shown] of LIGATURES) {
      if (!this.latex.startsWith(written, this.at) || (this.source === "remains" && written.startsWith("-"))) continue;
      if (shown === "”") {
        // '' closes a quotation only after an opening ``: f''(x) does not.
        if (this.openQuotes === 0) return undefined;
        this.openQuotes--;
      } else if (shown === "“") this.openQuotes++;
      this.at += written.length;
      return shown;
    }
    return undefined;
  }

  private braced(): string {
    const start = this.at++;
    if (this.depth >= MAX_DEPTH) return "";
    const first = this.latex.slice(this.at, this.at + 1);
    this.depth++;
    const content = this.group();
    this.depth--;
    if (this.at >= this.latex.length && this.source !== "bibtex") return `{${content}`;
    const whole = this.latex.slice(start, ++this.at);
    const keep = this.source !== "bibtex" && first !== "\\" && (whole.length > 3 || this.source === "remains");
    return keep ? `{${content}}` : content;
  }

  /** From `$` to the closing one, unchanged; a `$` without a closing one is a dollar sign. */
  private mathematics(): string {
    const { latex, at } = this;
    const fence = latex.startsWith("$$", at) ? "$$" : "$";
    let end = at + fence.length;
    while (end < latex.length && !latex.startsWith(fence, end)) end += latex[end] === "\\" ? 2 : 1;
    if (end >= latex.length || end === at + fence.length) {
      this.at += fence.length;
      return fence;
    }
    this.at = end + fence.length;
    return latex.slice(at, this.at);
  }

  private command(): string {
    const { latex } = this;
    const start = this.at;
    const shape = /\\([A-Za-z]+)\*?|\\([\s\S])/y;
    shape.lastIndex = start;
    const found = shape.exec(latex);
    if (found === null) {
      this.at++;
      return "\\";
    }
    const name = found[1] ?? found[2] ?? "";
    this.at += found[0].length;
    if (name === "(" || name === "[") return this.fenced(start, name === "(" ? "\\)" : "\\]");
    const accent = ACCENTS[name];
    if (accent !== undefined && Object.hasOwn(ACCENTS, name)) return this.accented(accent, found[1] !== undefined);
    if (Object.hasOwn(SYMBOLS, name) && !(this.source === "remains" && NOT_REMAINS.test(name))) {
      if (found[1] !== undefined) this.endOfName();
      return SYMBOLS[name] ?? "";
    }
    if (name === "url" || name === "path" || name === "nolinkurl") return this.verbatim();
    if (name === "href") this.argument();
    if (FORMATTING.has(name)) {
      this.endOfName(this.latex[this.at] !== "{");
      return latex[this.at] === "{" && !this.isEmptyGroup() ? this.formatted() : "";
    }
    if (QUOTED.has(name)) return `“${this.argument()}”`;
    if (REFERENCES.has(name)) {
      if (latex[this.at] === "[") this.at += latex.slice(this.at, this.at + MAX_OPTION).indexOf("]") + 1;
      this.argument();
      return "";
    }
    // An unknown command is kept, with its braces.
    let written = found[0];
    while (latex[this.at] === "{" && this.depth < MAX_DEPTH) {
      this.at++;
      this.depth++;
      written += `{${this.group()}}`;
      this.depth--;
      this.at++;
    }
    return written;
  }

  private formatted(): string {
    if (this.depth >= MAX_DEPTH) {
      this.at++;
      return "";
    }
    return this.argument();
  }

  /** Skips white space or `{}` that ends a command's name. */
  private endOfName(white = true): void {
    if (this.isEmptyGroup()) this.at += 2;
    else if (white) while (/\s/.test(this.latex[this.at] ?? "")) this.at++;
  }

  private isEmptyGroup(): boolean {
    return this.latex.startsWith("{}", this.at);
  }

  /** The content of the braces that follow; "" if none follow. */
  private argument(): string {
    if (this.latex[this.at] !== "{" || this.depth >= MAX_DEPTH) return "";
    this.at++;
    this.depth++;
    const content = this.group();
    this.depth--;
    this.at++;
    return content;
  }

  /** A URL in braces, in which `~` and `_` are literal. */
  private verbatim(): string {
    const found = /\s*\{([^{}]*)\}/y;
    found.lastIndex = this.at;
    const match = found.exec(this.latex);
    if (match === null) return "";
    this.at += match[0].length;
    return (match[1] ?? "").replace(/\\([%#&_~])/g, "$1");
  }

  private fenced(start: number, close: string): string {
    const end = this.missing.has(close) ? -1 : this.latex.indexOf(close, this.at);
    if (end === -1) {
      this.missing.add(close);
      return this.latex.slice(start, this.at);
    }
    this.at = end + close.length;
    return this.latex.slice(start, this.at);
  }

  private accented(accent: string, isLetter: boolean): string {
    const { latex } = this;
    if (isLetter || /\s/.test(latex[this.at] ?? "")) while (/\s/.test(latex[this.at] ?? "")) this.at++;
    let base: string;
    if (latex[this.at] === "{") base = this.argument();
    else if (latex[this.at] === "\\" && this.depth < MAX_DEPTH) {
      this.depth++;
      base = this.command();
      this.depth--;
    } else if (this.at < latex.length && !/[\\}$]/.test(latex[this.at] ?? "")) {
      const codePoint = String.fromCodePoint(latex.codePointAt(this.at) ?? 0);
      this.at += codePoint.length;
      base = codePoint;
    } else base = "";
    // `\~{}` and `\^{}` are the bare characters.
    if (base.trim() === "") return (SPACING[accent] ?? "") + base;
    const [first = "", ...rest] = base;
    return (first + accent).normalize("NFC") + rest.join("");
  }
}

/** The spacing form of each accent. */
const SPACING: Record<string, string> = { "\u0303": "~", "\u0302": "^", "\u0301": "'", "\u0300": "`", "\u0308": '"' };

const ESCAPES: Record<string, string> = {
  "\\": "\\textbackslash{}",
  "{": "\\textbraceleft{}",
  "}": "\\textbraceright{}",
  $: "\\$",
  "&": "\\&",
  "%": "\\%",
  "#": "\\#",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
};

/**
 * Commands that read and write files, or change what others mean: the title of a paper from the internet must not do that in
 * somebody's document.
 */
const NOT_IN_FORMULAS =
  /\\(?:input|include\w*|immediate|write|open(?:in|out)|read(?:line)?|catcode|[egx]?def|(?:future)?let|csname|special|(?:direct|late)lua|pdf\w+|loop|every\w+|(?:new|renew|provide)command|endinput|usepackage)(?![A-Za-z])/;

/** Whether a text between dollars may stay LaTeX: "%", "#", "^^" and, outside of a matrix, "&" would break the document. */
const isFormula = (text: string): boolean =>
  isBalanced(text) &&
  !/(?<!\\)(?:\\\\)*[%#]|\^\^/.test(text) &&
  (!/(?<!\\)&/.test(text) || text.includes("\\begin")) &&
  !NOT_IN_FORMULAS.test(text);

/**
 * Converts text to LaTeX that reads back as the same text, by `latexToText` and by other readers. Braces become named
 * commands, because BibTeX counts even `\{` as an opening brace. Mathematics is kept.
 */
export function textToLatex(text: string): string {
  let latex = "";
  let at = 0;
  // An opening dollar is not followed by a space; a closing one is not preceded by one nor followed by a digit: "$5 and
  // $10".
  for (const match of text.matchAll(/\$(?![\s$])((?:[^$\\]|\\[^$])*?)(?<!\s)\$(?![\d$])/g)) {
    if (!isFormula(match[1] ?? "")) continue;
    latex += escaped(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return latex + escaped(text.slice(at));
}

function escaped(text: string): string {
  return (
    text
      .replace(/[\\{}$&%#_^~<>|]/g, (character) => ESCAPES[character] ?? character)
      // An empty group separates characters that would form a ligature: -- ?` '' ,,
      .replace(/([-`',?!])(?=[-`',])/g, "$1{}")
  );
}

/** Whether braces are balanced, with and without escaped braces: LaTeX skips them, BibTeX counts them. */
function isBalanced(text: string): boolean {
  for (const counted of [text, text.replace(/\\[\s\S]/g, "")]) {
    let depth = 0;
    for (const character of counted) {
      if (character === "{") depth++;
      else if (character === "}" && --depth < 0) return false;
    }
    if (depth !== 0) return false;
  }
  return true;
}
