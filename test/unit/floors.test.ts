import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "../..");

/** The rooms of the product from the ground up: a file imports from its own room and from lower floors, never upward. */
const FLOORS = [
  ["remote"],
  ["leofs"],
  ["leofs/erlang"],
  ["leofs/conf", "leofs/console"],
  ["leofs/mnesia"],
  ["leofs/manager"],
  ["leofs/incident"],
  ["leofs/incident/backups"],
  ["leofs/checks"],
  ["leofs/pair"],
  ["leofs/pair/rollback"],
  ["providers"],
  ["recovery"],
  ["cli/diagnose"],
  ["cli"],
  ["."],
];

const roomOf = (file: string): string => posix.dirname(file);
const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));

const files = ["cli", "recovery", "providers", "leofs", "remote"]
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((file) => `${room}/${file}`),
  )
  .filter((file) => file.endsWith(".ts"))
  .concat("index.ts");

/** Files that a file imports, by their paths from the root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const names = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";/gms)].map((match) =>
    posix.join(dirname(file), match[1]!),
  );
  return names.map((name) => [`${name}.ts`, `${name}/index.ts`].find((path) => files.includes(path)) ?? name);
}

const imports = new Map(files.map((file) => [file, importsOf(file)]));

/** A way along the imports from a file back to itself, if there is one. */
function circleFrom(start: string): string[] | undefined {
  const seen = new Set<string>();
  const walk = (file: string, way: string[]): string[] | undefined => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [...way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}

describe("the rooms of the product", () => {
  it("are all on a floor, and every import is found", () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
    const named = [...imports].flatMap(([file, targets]) => targets.map((target) => `${file} -> ${target}`));
    expect(named.filter((arrow) => !arrow.endsWith(".ts"))).toEqual([]);
    expect(named.length).toBeGreaterThan(500);
  });

  it("have arrows that go down only", () => {
    const up = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => roomOf(target) !== roomOf(file) && floorOf(target) >= floorOf(file))
        .map((target) => `${file} -> ${target}`),
    );
    expect(up).toEqual([]);
  });

  it("have no circle of imports", () => {
    expect(files.flatMap((file) => circleFrom(file)?.join(" -> ") ?? [])).toEqual([]);
  });
});
