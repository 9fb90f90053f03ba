/** Completion for shells: a script that knows every command, option and choice, so that pressing Tab starts no Kindred. */
import { Argument, Command, Help, type Option } from "commander";

/** What may follow: one of some words, the name of a file or a folder, or anything else. */
type Value = { choices: readonly string[] } | "file" | "folder" | null;
type Word = { word: string; help: string };
type Place = {
  /** The commands that lead here: `source add`; empty for the program. */
  path: string;
  commands: Word[];
  /** `names`: the short one, if there is one, and the long one. `takes`: undefined if no value follows. */
  options: (Word & { names: string[]; takes: Value | undefined })[];
  /** What its arguments are. */
  takes: Value;
};

// Each script finds the place by the commands that were typed, and then looks at the word before the one to complete.

const SHELLS = { bash, zsh, fish };

export function completionCommand(): Command {
  return new Command("completion")
    .description("print a script that completes commands, options and their values in a shell")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS, _options, command: Command) => {
      process.stdout.write(SHELLS[shell](placesOf(command.parent!)));
    });
}

function placesOf(command: Command, path: readonly string[] = []): Place[] {
  const help = new Help();
  const commands = help.visibleCommands(command);
  const [argument] = command.registeredArguments;
  return [
    {
      path: path.join(" "),
      commands: commands.map((one) => ({ word: one.name(), help: one.description() })),
      options: help.visibleOptions(command).map((option) => ({
        word: option.long!,
        names: [option.short, option.long].filter((name) => name !== undefined),
        help: option.description,
        takes:
          option.required || option.optional
            ? valueOf(option.argChoices, /[<[](\w+)/.exec(option.flags)?.[1])
            : undefined,
      })),
      takes: argument === undefined ? null : valueOf(argument.argChoices, argument.name()),
    },
    ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()])),
  ];
}

/** @param name What the help calls it. */
function valueOf(choices: Option["argChoices"], name: string | undefined): Value {
  if (choices !== undefined) return { choices };
  return name === "file" || name === "folder" ? name : null;
}

/** Lines of a `case` on the word before: one for each kind of value, with the options that take it. */
function cases(options: Place["options"], written: (takes: Value) => string, end: string): string {
  const named = new Map<string, string[]>();
  for (const { names, takes } of options) {
    if (takes === undefined) continue;
    const value = written(takes);
    named.set(value, [...(named.get(value) ?? []), ...names]);
  }
  return [...named].map(([value, names]) => `        ${names.join("|")}) ${value}${end}\n`).join("");
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const paths = (places: readonly Place[]): string =>
  places.flatMap(({ path }) => (path === "" ? [] : [quoted(path)])).join("|");

function bash(places: readonly Place[]): string {
  const values = (takes: Value): string =>
    takes === null
      ? "words="
      : typeof takes === "string"
        ? `kind=${takes}`
        : `words=${quoted(takes.choices.join(" "))}`;
  return `# Completes kindred in bash. Written by "kindred completion bash".
_kindred() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at= words= kind= i
  # --name=value is three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${at:+$at }\${COMP_WORDS[i]}" in
      ${paths(places)}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case $at in
${places
  .map(
    ({ path, commands, options, takes }) => `    ${quoted(path)})
      case $prev in
${cases(options, values, " ;;")}        *)
          if [[ $cur == -* ]]; then words=${quoted(options.flatMap(({ names }) => names).join(" "))}
          else ${commands.length > 0 ? `words=${quoted(commands.map(({ word }) => word).join(" "))}` : values(takes)}; fi ;;
      esac ;;
`,
  )
  .join("")}  esac
  local IFS=$'\\n'
  case $kind in
    file) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
    folder) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "\${words// /$IFS}" -- "$cur")) ;;
  esac
}
complete -F _kindred kindred
`;
}

function zsh(places: readonly Place[]): string {
  const values = (takes: Value): string =>
    takes === null
      ? ":"
      : takes === "file"
        ? "_files"
        : takes === "folder"
          ? "_files -/"
          : `compadd -- ${takes.choices.join(" ")}`;
  const described = (words: readonly Word[]): string =>
    words.map(({ word, help }) => quoted(`${word}:${help.replaceAll(":", String.raw`\:`)}`)).join(" ");
  return `#compdef kindred
# Completes kindred in zsh. Written by "kindred completion zsh".
_kindred() {
  local at= word prev=\${words[CURRENT-1]}
  local -a commands options
  if [[ $PREFIX == --*=* ]]; then prev=\${PREFIX%%=*}; compset -P '*='; fi
  for word in \${words[2,CURRENT-1]}; do
    case "\${at:+$at }$word" in
      ${paths(places)}) at="\${at:+$at }$word" ;;
    esac
  done
  case $at in
${places
  .map(
    ({ path, commands, options, takes }) => `    ${quoted(path)})
      case $prev in
${cases(options, values, "; return ;;")}      esac
      options=(${described(options)})
      ${commands.length > 0 ? `commands=(${described(commands)})` : `[[ $PREFIX == -* ]] || ${values(takes)}`} ;;
`,
  )
  .join("")}  esac
  if [[ $PREFIX == -* ]]; then _describe -o option options; else _describe command commands; fi
}
if [[ $funcstack[1] == _kindred ]]; then _kindred "$@"; else compdef _kindred kindred; fi
`;
}

function fish(places: readonly Place[]): string {
  const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
  const values = (takes: Value): string =>
    takes === null
      ? "-x"
      : takes === "file"
        ? "-rF"
        : takes === "folder"
          ? "-xa '(__fish_complete_directories)'"
          : `-xa ${quote(takes.choices.join(" "))}`;
  return `# Completes kindred in fish. Written by "kindred completion fish".
function __kindred_at -a wanted
  set -l at
  for word in (commandline -opc)[2..]
    contains -- (string join ' ' -- $at $word) ${paths(places).replaceAll("|", " ")}; and set -a at $word
  end
  test "$at" = "$wanted"
end
complete -c kindred -f
${places
  .flatMap(({ path, commands, options, takes }) => {
    const here = `complete -c kindred -n ${quote(`__kindred_at ${quote(path)}`)}`;
    return [
      ...commands.map(({ word, help }) => `${here} -a ${word} -d ${quote(help)}`),
      ...options.map(({ names, help, takes: value }) => {
        const [long, short] = names.toReversed();
        const named = `-l ${long!.slice(2)}${short === undefined ? "" : ` -s ${short.slice(1)}`}`;
        return `${here} ${named} -d ${quote(help)}${value === undefined ? "" : ` ${values(value)}`}`;
      }),
      ...(takes === null ? [] : [`${here} ${takes === "file" ? "-F" : values(takes).replace(/^-x/, "-")}`]),
    ];
  })
  .join("\n")}
`;
}
