import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { commandLine } from "./quote";

/** A POSIX script that runs on a host: a named file of this package. */
export interface Script {
  /** What it does, for messages and logs: the file's name in words, such as `back up files`. */
  readonly name: string;
  /** What goes to the host: its name as a comment, the library functions it needs, the file without its comments. */
  readonly text: string;
  /** What its values are called, in the order of `$1`, `$2`, ... */
  readonly names: readonly string[];
}

/** Values of a script by name, those it does not get are empty. `list` is what comes behind them, as `"$@"`. */
export type Values = Readonly<Record<string, string | number | undefined | readonly string[]>>;

/** A script with its values in order. */
export interface Call {
  /** For messages: the script's name, and whom it is for where it has a `node`. */
  what: string;
  script: string;
  args: readonly string[];
}

const ROOT = join(__dirname, "..");
const loaded = new Map<string, Script>();

/**
 * The script in a file, read once.
 *
 * The file is a complete script for `sh`. Its first line of code names its values: `node=$1 home=$2`. A header comment
 * `# uses PATH` makes the functions of a library known to it, PATH being relative to the script. Of a library only
 * the functions that the script names travel to the host. Lines that begin with `#` stay here, in quoted text too.
 *
 * @param path from the root of the package, such as `leofs/manager/scripts/look.sh`
 */
export function script(path: string): Script {
  let found = loaded.get(path);
  if (!found) {
    const source = read(path);
    const name = basename(path, ".sh").replaceAll("-", " ");
    const functions = librariesOf(path, source).flatMap(functionsOf);
    const text = bare(source);
    found = { ...scriptOf(name, withFunctions(text, functions)), names: namesIn(text) };
    loaded.set(path, found);
  }
  return found;
}

/**
 * What start files of a login may have set that would change how a script is read or what its tools print: options that a shell hands on
 * (SHELLOPTS), colours of grep before 3.6, quotes that ls puts round names. And what a login of no administrator may lack: where
 * `ip` and `runuser` are.
 */
const PLAIN = "set +Cefu\nunset GREP_OPTIONS QUOTING_STYLE\nPATH=$PATH:/usr/sbin:/sbin\n";

/** A script out of its text. */
export const scriptOf = (name: string, text: string): Script => ({
  name,
  text: `# ${name}\n${PLAIN}${text}`,
  names: namesIn(text),
});

/**
 * Puts a script's values in the order of its names.
 *
 * @throws for a value that the script does not name: it would be lost.
 */
export function call(script: Script, values: Values = {}): Call {
  const { list = [], ...named } = values;
  const unknown = Object.keys(named).filter((name) => !script.names.includes(name));
  if (unknown.length > 0) throw new Error(`The script "${script.name}" takes no ${unknown.join(", ")}.`);
  const { node } = named;
  return {
    what: typeof node === "string" && node !== "" ? `${script.name} ${node}` : script.name,
    script: script.text,
    args: [...script.names.map((name) => String(named[name] ?? "")), ...(list as readonly string[])],
  };
}

/** A script with its values as one command in one string. */
export function commandOf(script: Script, values: Values = {}): string {
  const { script: text, args } = call(script, values);
  return commandLine(text, args);
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const bare = (source: string): string =>
  source
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .trim();

/** What a first line like `node=$1 home=$2; shift 2` calls its values. */
function namesIn(text: string): string[] {
  const line = /^(?:\w+=(?:\$\d|\$\{\d+\}) ?)+(?:; shift(?: \d+)?)?$/m.exec(text)?.[0] ?? "";
  const names: string[] = [];
  for (const [, name, place] of line.matchAll(/(\w+)=\$\{?(\d+)/g)) names[Number(place) - 1] = name!;
  return names;
}

const librariesOf = (path: string, source: string): string[] =>
  [...source.matchAll(/^# uses (\S+)$/gm)].map(([, file]) => join(dirname(path), file!));

interface ShellFunction {
  name: string;
  text: string;
}

const functionsOf = (path: string): ShellFunction[] =>
  [...bare(read(path)).matchAll(/^(\w+)\(\) (?:[({]$[\s\S]*?^[)}]|\{.*\}).*$/gm)].map(([text, name]) => ({
    name: name!,
    text,
  }));

/** The text with those functions before it that it, or one of them, names. */
function withFunctions(text: string, functions: readonly ShellFunction[]): string {
  const needed = new Set<ShellFunction>();
  const need = (within: string) => {
    for (const one of functions)
      if (!needed.has(one) && new RegExp(`\\b${one.name}\\b`).test(within)) {
        needed.add(one);
        need(one.text);
      }
  };
  need(text);
  return [...functions.filter((one) => needed.has(one)).map((one) => one.text), text].join("\n");
}
