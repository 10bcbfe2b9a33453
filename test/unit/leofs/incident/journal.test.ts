import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { begin, finish, readJournal } from "../../../../leofs/incident/journal";
import { outageSeconds } from "../../../../leofs/pair/outage";
import { parseSections, utf8 } from "../../../../remote/sections";
import { packageRoot } from "../../../../tools/paths";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../support/crashing";
import { cleanUp, fakeHome, siteAt, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
cleanUp();

const placeIn = (directory: string, on = host) => ({ host: on, directory, as: undefined });

describe("the journal", () => {
  test("keeps what was begun and done, with a time, and any text", async () => {
    const place = placeIn(await temporary());
    const record = { text: 'it\'s "q"\n$(x) `y` \\ %s \u00e9 \u20ac', list: [1, null], epoch: 1.5 };
    await begin(place, "clear.manager_0@10.0.0.11", record);
    await finish(place, "dump", record);
    const { begun, done } = await readJournal(place);
    expect(begun.get("clear.manager_0@10.0.0.11")).toEqual({
      ...record,
      at: expect.stringMatching(/^2\d{3}-.*Z$/),
    });
    expect(done.get("dump")).toMatchObject(record);
    expect([begun.size, done.size]).toEqual([1, 1]);
    expect(await readdir(join(place.directory, "journal"))).toEqual([
      "clear.manager_0@10.0.0.11.begun",
      "dump.done",
    ]);
  });

  test("nothing there means nothing was done; a damaged entry still says that it is there", async () => {
    const directory = await temporary();
    expect(await readJournal(placeIn(join(directory, "none")))).toEqual({
      begun: new Map(),
      done: new Map(),
    });
    await mkdir(join(directory, "journal"));
    for (const [name, text] of [
      ["a.done", '{"cut'],
      ["b.done", "5"],
      ["c.done", ""],
      [".d.done.new", "{}"],
      ["e", "{}"],
    ])
      await writeFile(join(directory, "journal", name!), text!);
    const { begun, done } = await readJournal(placeIn(directory));
    expect([...done]).toEqual([
      ["a", {}],
      ["b", {}],
      ["c", {}],
    ]);
    expect(begun.size).toBe(0);
  });

  test("that cannot be written stops the step, with the reason", async () => {
    const directory = await temporary();
    await writeFile(join(directory, "journal"), "in the way");
    await expect(finish(placeIn(directory), "dump")).rejects.toThrow(
      /the journal in .* could not be written: .*Nothing was changed by this step/s,
    );
  });

  test("that does not fit on the disc leaves no half of it behind", async () => {
    /** Files may be made, but not one byte written to them. */
    class Full extends LocalHost {
      override run(...[script, ...rest]: Parameters<LocalHost["run"]>) {
        if (typeof script === "string") return super.run(script, ...rest);
        return super.run({ ...script, text: `trap "" XFSZ; ulimit -f 0\n${script.text}` }, ...rest);
      }
    }
    const directory = await temporary();
    await expect(finish(placeIn(directory, new Full()), "load")).rejects.toThrow(/could not be written/);
    expect(await readdir(join(directory, "journal"))).toEqual([]);
  });

  test.each(BREAKS)(
    "interrupted %s: an entry is there whole or not at all",
    async (how) => {
      const record = { list: Array.from({ length: 50 }, (_, index) => `file ${index}`) };
      const root = await temporary();
      const places = await breakEverywhere(
        how,
        { roots: [root] },
        (on) => finish({ host: on, directory: join(root, "i"), as: undefined }, "dump", record),
        async () => {
          const entry = (await readJournal(placeIn(join(root, "i")))).done.get("dump");
          if (entry) expect(entry).toMatchObject(record);
        },
        async () => {
          expect((await readJournal(placeIn(join(root, "i")))).done.get("dump")).toMatchObject(record);
          expect(await readdir(join(root, "i/journal"))).toEqual(["dump.done"]);
        },
      );
      expect(places).toBeGreaterThanOrEqual(1);
    },
    BREAKS_LIMIT,
  );
});

describe("the outage", () => {
  test("counts from the stop, by the host's clock, until the pair was proven", async () => {
    const site = await siteAt(host, await fakeHome());
    expect(await outageSeconds(site)).toBe(0);
    const { stdout } = await host.run("date +%s");
    await begin(site.place, `stop.${site.manager.node}`, { epoch: Number(stdout) - 100 });
    expect(await outageSeconds(site)).toBeGreaterThanOrEqual(99);
    expect(await outageSeconds(site)).toBeLessThan(200);
    await finish(site.place, "proven", { outageSeconds: 17.5 });
    expect(await outageSeconds(site)).toBe(17.5);
  });
});

describe("sections of a script's output", () => {
  test("any content comes through as it is, whatever it looks like", async () => {
    const directory = await temporary();
    const piece = fc.oneof(
      fc.constantFrom("@= a b\n", "@@ a 5\n", "@@ x 99999\n", "\n", "\r\n", "", "@", "\u0000"),
      fc.string({ unit: "binary", maxLength: 30 }),
    );
    const files = fc.sample(
      fc.array(piece, { maxLength: 6 }).map((parts) => parts.join("")),
      { numRuns: 60, seed: 1 },
    );
    for (const [index, text] of files.entries()) await writeFile(join(directory, `f${index}`), text);
    const functions = await readFile(join(packageRoot(), "remote/scripts/lib.sh"), "utf8");
    const script = `${functions}
value before yes
for n in $(seq 0 ${files.length - 1}); do content "file.$n" "$1/f$n"; value "after.$n" "$n x "; done
content none "$1/none"; content directory "$1"`;
    const { stdout } = await host.run(script, [directory], { encoding: "latin1" });
    const { values, contents } = parseSections(stdout);
    for (const [index, text] of files.entries()) {
      expect(contents.get(`file.${index}`)).toBe(Buffer.from(text, "utf8").toString("latin1"));
      expect(utf8(contents.get(`file.${index}`)!)).toBe(Buffer.from(text, "utf8").toString("utf8"));
      expect(values.get(`after.${index}`)).toBe(`${index} x `);
    }
    expect(values.get("before")).toBe("yes");
    expect(values.get("directory.unreadable")).toBe("yes");
    expect(contents.has("none")).toBe(false);
  });

  test("lines that are no section, before or between, are passed over", () => {
    const { values, contents } = parseSections("motd\n@= a 1\n@=b 2\n@@ f 3\nabc\nnoise\n@= c 3");
    expect([...values]).toEqual([
      ["a", "1"],
      ["c", "3"],
    ]);
    expect([...contents]).toEqual([["f", "abc"]]);
  });
});
