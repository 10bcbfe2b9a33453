import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { packageRoot } from "./paths";

/** The rooms of the product from the ground up: a file imports from its own room and from lower floors, never upward. */
export const FLOORS: readonly (readonly string[])[] = [
  ["remote"],
  ["remote/copy", "remote/lock", "remote/ssh"],
  ["leofs"],
  ["leofs/erlang"],
  ["leofs/conf", "leofs/console"],
  ["leofs/mnesia"],
  ["leofs/manager"],
  ["leofs/incident"],
  ["leofs/incident/backups"],
  ["leofs/checks", "leofs/nodes"],
  ["leofs/pair"],
  ["leofs/pair/rollback"],
  ["providers/targets"],
  ["providers/contract"],
  ["providers/session"],
  ["providers/backup", "providers/fence", "providers/nodes"],
  ["providers/check", "providers/rollback"],
  ["providers/import", "providers/registration"],
  ["providers"],
  ["recovery/settings"],
  ["recovery"],
  ["cli/shared"],
  ["cli/diagnose", "cli/report", "cli/runbook"],
  ["cli"],
  ["."],
];

/** The room of a file. */
export const roomOf = (file: string): string => posix.dirname(file);

/** The floor of a file, counted from 0; -1 when its room is on none. */
export const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

/** An import of one file of the product by another, by their paths from the root. */
export interface Arrow {
  from: string;
  /** The path without an ending when no such file is there. */
  to: string;
}

/** Every TypeScript file of the product, by its path from the root. */
export function productFiles(): string[] {
  const rooms = [...new Set(FLOORS.flat().map((room) => room.split("/")[0]!))].filter((room) => room !== ".");
  return rooms
    .flatMap((room) =>
      readdirSync(join(packageRoot(), room), { recursive: true, encoding: "utf8" }).map(
        (file) => `${room}/${file}`,
      ),
    )
    .filter((file) => file.endsWith(".ts"))
    .concat("index.ts")
    .sort();
}

/** Every import between files of the product. */
export function arrows(files: readonly string[]): Arrow[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(packageRoot(), file), "utf8");
    const names = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";/gms)];
    return names.map((match) => {
      const name = posix.join(dirname(file), match[1]!);
      const to = [`${name}.ts`, `${name}/index.ts`].find((path) => files.includes(path)) ?? name;
      return { from: file, to };
    });
  });
}

/** What each room is for, in a few words. */
const PURPOSE: Record<string, string> = {
  ".": "index.ts: settings, recoveries, outputs",
  cli: "what a person types besides pulumi",
  recovery: "what a recovery is: order and data",
  providers: "Pulumi's dynamic resources",
  "leofs/pair": "two managers: form, load, compare, register, prove, roll back",
  "leofs/checks": "may a recovery start",
  "leofs/nodes": "storage and gateway nodes: which managers their confs name",
  "leofs/incident": "what the hosts remember: journal, backups, fence",
  "leofs/manager": "one manager: look, ask",
  "leofs/mnesia": "tables, dumps, files",
  "leofs/conf": "LeoFS's conf files: read, change one value",
  "leofs/console": "the consoles' protocol",
  "leofs/erlang": "Erlang terms and nodes",
  leofs: "names",
  remote: "a host over SSH",
};

/** Rooms within rooms are drawn as one. */
const drawn = (file: string): string => {
  const room = roomOf(file);
  const inner = ["remote", "leofs/incident", "leofs/pair", "providers", "recovery", "cli"].find((outer) =>
    room.startsWith(`${outer}/`),
  );
  return inner ?? room;
};

/**
 * The rooms and the imports between them as a Mermaid flow chart, drawn from the code. An arrow that only repeats what
 * a chain of others says is left out.
 */
export function picture(): string {
  const files = productFiles();
  const rooms = FLOORS.flat().filter((room) => room in PURPOSE);
  const direct = new Map<string, Set<string>>(rooms.map((room) => [room, new Set<string>()]));
  for (const { from, to } of arrows(files))
    if (drawn(from) !== drawn(to)) direct.get(drawn(from))?.add(drawn(to));
  const reaches = (from: string, to: string): boolean =>
    [...direct.get(from)!].some((next) => next === to || reaches(next, to));
  const needed = rooms.flatMap((from) =>
    [...direct.get(from)!]
      .filter((to) => ![...direct.get(from)!].some((other) => other !== to && reaches(other, to)))
      .map((to) => [from, to] as const),
  );
  const id = (room: string): string => (room === "." ? "index" : room.replaceAll("/", "_"));
  return [
    "```mermaid",
    "flowchart TD",
    ...[...rooms]
      .reverse()
      .map((room) => `  ${id(room)}["${room === "." ? "" : `<b>${room}</b><br/>`}${PURPOSE[room]}"]`),
    ...needed.map(([from, to]) => `  ${id(from)} --> ${id(to)}`).sort(),
    "```",
  ].join("\n");
}
