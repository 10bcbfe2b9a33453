import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PAGE, withPicture } from "../../tools/architecture";
import { arrows, floorOf, productFiles, roomOf } from "../../tools/rooms";

const files = productFiles();
const imports = arrows(files);
const words = imports.map(({ from, to }) => `${from} -> ${to}`);

/** A way along the imports from a file back to itself, if there is one. */
function circleFrom(start: string): string[] | undefined {
  const seen = new Set<string>();
  const walk = (file: string, way: string[]): string[] | undefined => {
    for (const { to } of imports.filter(({ from }) => from === file)) {
      if (to === start) return [...way, start];
      if (seen.has(to)) continue;
      seen.add(to);
      const found = walk(to, [...way, to]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}

describe("the rooms of the product", () => {
  it("are all on a floor, and every import is found", () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
    expect(words.filter((arrow) => !arrow.endsWith(".ts"))).toEqual([]);
    expect(words.length).toBeGreaterThan(500);
  });

  it("have arrows that go down only", () => {
    const up = imports.filter(({ from, to }) => roomOf(to) !== roomOf(from) && floorOf(to) >= floorOf(from));
    expect(up).toEqual([]);
  });

  it("have no circle of imports", () => {
    expect(files.flatMap((file) => circleFrom(file)?.join(" -> ") ?? [])).toEqual([]);
  });

  it("are drawn in docs/architecture.md as they are (npm run docs:architecture draws them again)", () => {
    const page = readFileSync(join(__dirname, "../..", PAGE), "utf8");
    expect(withPicture(page)).toBe(page);
  });
});
