/** Completion in real shells. One that is not on this machine is skipped. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Help, type Command } from "commander";
import { commandLine } from "../../src/cli/program.js";
import { temporaryDirectory } from "../sample.js";
import { kindred } from "./command.js";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

const commandsOf = (command: Command): string[] => [...command.commands.map((one) => one.name()), "help"];
const below = (...path: string[]): Command =>
  path.reduce((command, name) => command.commands.find((one) => one.name() === name)!, commandLine());

/** Words of a command line, the last of which is completed; and what it may become. */
const CASES: [words: string[], expected: string[]][] = [
  [[""], commandsOf(commandLine())],
  [["sou"], ["source"]],
  [["source", ""], commandsOf(below("source"))],
  [
    ["source", "add", "d"],
    ["daily-papers", "datacite", "dblp"],
  ],
  [["help", "sear"], ["search"]],
  [["search", "--mo"], ["--mode"]],
  [
    ["search", "--mode", ""],
    ["hybrid", "semantic", "lexical"],
  ],
  [["search", "--mode=sem"], ["semantic"]],
  [["search", "tides", "--sort", "d"], ["date"]],
  [
    ["search", "import", "--lis"],
    ["--list", "--listed"],
  ],
  [["search", "--list", ""], []],
  [["search", ""], []],
  [["source", "add", "arxiv", "--cat"], ["--category"]],
  [
    ["import", "pa"],
    ["pap ers.bib", "papers", "papers.bib"],
  ],
  [["status", "--directory", "pap"], ["papers"]],
  [
    ["export", "--format", "c"],
    ["csl-json", "csv"],
  ],
  [["completion", "z"], ["zsh"]],
];

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Bash divides words at "=". */
const asBash = (word: string): string[] => (word.includes("=") ? word.split(/(=)/) : [word]);

/** How each shell is asked: a program whose output is what each case becomes, one a line, ended by a line of its own. */
const PROGRAMS: Record<Shell, (cases: readonly string[][], script: string, directory: string) => string> = {
  bash: (cases, script) =>
    `source ${quoted(script)}
     of() { COMP_WORDS=(kindred "$@"); COMP_CWORD=$#; COMPREPLY=(); _kindred; printf '%s\\n' "\${COMPREPLY[@]}" ==; }
     ${cases.map((words) => `of ${words.flatMap(asBash).map(quoted).join(" ")}`).join("\n")}`,
  fish: (cases, script) =>
    `source ${quoted(script)}
     ${cases.map((words) => `complete -C ${quoted(["kindred", ...words].join(" "))}; echo ==`).join("\n")}`,
  // Completion of zsh needs a terminal. What it offers is also written to a file.
  zsh: (cases, script, directory) => {
    const setup = join(directory, ".setup.zsh");
    const found = join(directory, ".found");
    writeFileSync(
      setup,
      `autoload -Uz compinit; compinit -D -u; source ${quoted(script)}; PS1=
       compadd() {
         if [[ " $* " != *" -"[OAD]" "* ]]; then
           local -a words_; builtin compadd -A words_ "$@"; print -rl -- $words_ >> ${quoted(found)}
         fi
         builtin compadd "$@"
       }
       zstyle ":completion:*" completer _complete
       bindkey "^I" complete-word; bindkey "^G" kill-whole-line; unsetopt auto_list\n`,
    );
    return `zmodload zsh/zpty
     zpty terminal "TERM=dumb zsh -f -i"
     zpty -w terminal ${quoted(`cd ${quoted(directory)}; source ${quoted(setup)}`)}
     ${cases
       .map((words) => {
         const line = ["kindred", ...words].join(" ");
         return `zpty -w -n terminal ${quoted(line)}$'\\t\\a'; zpty -w terminal ${quoted(`print "==" >> ${quoted(found)}`)}`;
       })
       .join("\n")}
     zpty -w terminal exit
     while zpty -r terminal line; do :; done
     cat ${quoted(found)}`;
  },
};

for (const shell of SHELLS)
  test(`${shell} completes commands, options, choices, files and folders`, async (t) => {
    if (spawnSync(shell, ["--version"]).status !== 0) return t.skip(`${shell} is not on this machine`);
    const directory = temporaryDirectory(t);
    for (const name of ["papers.bib", "pap ers.bib"]) writeFileSync(join(directory, name), "");
    mkdirSync(join(directory, "papers"));
    const script = join(directory, ".script");
    const { code, stdout } = await kindred(["completion", shell]);
    assert.equal(code, 0);
    writeFileSync(script, stdout);

    const options = everyPlace(commandLine(), []).map(({ path, command }) => ({
      words: [...path, "--"],
      expected: new Help().visibleOptions(command).map(({ long }) => long!),
    }));
    const cases = [...CASES.map(([words, expected]) => ({ words, expected })), ...options];
    const ran = spawnSync(
      shell,
      [
        "-c",
        PROGRAMS[shell](
          cases.map(({ words }) => words),
          script,
          directory,
        ),
      ],
      {
        cwd: directory,
        encoding: "utf8",
        env: { ...process.env, HOME: directory, XDG_CONFIG_HOME: directory },
      },
    );
    assert.deepEqual([ran.stderr, ran.status], ["", 0]);
    const answers = ran.stdout.split(/^==\n/m).slice(0, -1);
    // Fish repeats the option, shows a description after a tab, and ends folders with a slash; zsh escapes blanks.
    const word = (line: string): string =>
      line
        .replace(/^--mode=/, "")
        .replace(/\/?(\t.*)?$/, "")
        .replace("\\ ", " ");
    const found = answers.map((answer) =>
      answer
        .split("\n")
        .filter((line) => line !== "")
        .map(word),
    );
    for (const [i, { words, expected }] of cases.entries())
      assert.deepEqual([...new Set(found[i])].toSorted(), expected.toSorted(), `kindred ${words.join(" ")}<Tab>`);
    assert.equal(answers.length, cases.length);
  });

const everyPlace = (command: Command, path: readonly string[]): { path: readonly string[]; command: Command }[] => [
  { path, command },
  ...command.commands.flatMap((one) => everyPlace(one, [...path, one.name()])),
];
