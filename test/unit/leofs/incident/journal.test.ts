import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noteCheck } from "../../../../leofs/incident/before";
import { entries } from "../../../../leofs/incident/entries";
import { Journal, readJournal } from "../../../../leofs/incident/journal";
import { readIncident } from "../../../../leofs/incident/readIncident";
import type { DirectoryFacts } from "../../../../leofs/manager/directory";
import type { IncidentPlace } from "../../../../leofs/manager/lookedAt";
import { outageSeconds } from "../../../../leofs/pair/outage";
import type { Host } from "../../../../remote/host";
import { parseSections, utf8 } from "../../../../remote/sections";
import { packageRoot } from "../../../../tools/paths";
import { sh } from "../../../support/shell";
import { BREAKS, BREAKS_LIMIT, breakEverywhere } from "../../support/crashing";
import { cleanUp, fakeHome, managerAt, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const host = new LocalHost();
cleanUp();

const placeIn = (directory: string, on: Host = host) => ({ host: on, directory, as: undefined });

test("what a check notes stands only once something was done by it: until then the next one notes its own", async () => {
  const manager = await managerAt(host, await fakeHome());
  const journal = new Journal(manager.place);
  const check = (method: "offline" | "online", exists: boolean, renew: boolean) => {
    const mnesia = { exists } as DirectoryFacts;
    const decided = { good: 0, master: 0, why: "said", method } as const;
    return noteCheck({ manager, journal, mnesia, evidence: undefined, health: undefined }, decided, renew);
  };
  const noted = async () => {
    const read = await readJournal(manager.place);
    return [entries.check.done(read)?.method, entries.before(manager.spec.node).done(read)?.mnesia];
  };
  await check("online", true, true);
  await check("offline", false, true);
  expect(await noted()).toEqual(["offline", false]);
  await check("online", true, false);
  expect(await noted()).toEqual(["offline", false]);
});

describe("the journal", () => {
  test("of two hosts whose backup directory is one share: the same entry from both at once", async () => {
    const place = placeIn(await temporary());
    const [one, other] = [new Journal(place), new Journal(place)];
    for (let round = 0; round < 20; round += 1) {
      const finish = (journal: Journal) => journal.finish("guard", { why: `round ${round}` });
      await Promise.all([finish(one), finish(other)]);
      expect((await readJournal(place)).done.get("guard")).toMatchObject({ why: `round ${round}` });
    }
    expect(await readdir(join(place.directory, "journal"))).toEqual(["guard.done"]);
  });

  test("keeps what was begun and done, with a time, and any text", async () => {
    const place = placeIn(await temporary());
    const record = { text: 'it\'s "q"\n$(x) `y` \\ %s \u00e9 \u20ac', list: [1, null], epoch: 1.5 };
    const journal = new Journal(place);
    await journal.begin("clear.manager_0@10.0.0.11", record);
    await journal.finish("dump", record);
    const { begun, done } = await readJournal(place);
    expect(begun.get("clear.manager_0@10.0.0.11")).toEqual({
      ...record,
      at: expect.stringMatching(/^2\d{3}-.*Z$/),
    });
    expect(done.get("dump")).toMatchObject(record);
    expect([begun.size, done.size]).toEqual([1, 1]);
    // Whoever noted it need not read it.
    expect(journal).toEqual(await readJournal(place));
    expect(await readdir(join(place.directory, "journal"))).toEqual([
      "clear.manager_0@10.0.0.11.begun",
      "dump.done",
    ]);
  });

  test("nothing there means nothing was done, nor does what is no entry", async () => {
    const directory = await temporary();
    const none = await readJournal(placeIn(join(directory, "none")));
    expect([none.begun.size, none.done.size]).toEqual([0, 0]);
    await mkdir(join(directory, "journal"));
    for (const name of [".d.done.new", "e"]) await writeFile(join(directory, "journal", name), "{}");
    const { begun, done } = await readJournal(placeIn(directory));
    expect([begun.size, done.size]).toEqual([0, 0]);
  });

  test.each(['{"cut', "5", ""])("with an entry that says %j is not believed", async (said) => {
    const directory = await temporary();
    await new Journal(placeIn(directory)).finish("dump", {});
    await writeFile(join(directory, "journal", "check.done"), said);
    await expect(readJournal(placeIn(directory))).rejects.toThrow(
      /: check\.done in \S+ is not as it was noted: .*What was done for this incident is not known/,
    );
  });

  test.each([
    ["an entry", "journal/dump.done", /\(dump\.done\)/],
    ["its directory", "journal", /\(directory\)/],
    ["the incident's directory", ".", /\(directory\)/],
  ])("of which %s may not be read is not one in which nothing was noted", async (_, closed, named) => {
    const directory = await temporary();
    await new Journal(placeIn(directory)).finish("dump", {});
    const shell = join(await temporary(), "sh");
    await writeFile(shell, '#!/bin/sh\nexec runuser -u nobody -- sh "$@"\n', { mode: 0o755 });
    for (const [path, mode] of [
      [join(shell, ".."), 0o755],
      [directory, 0o755],
      [join(directory, "journal"), 0o755],
      [join(directory, "journal/dump.done"), 0o644],
      [join(directory, closed), 0],
    ] as const)
      await chmod(path, mode);
    // Root reads everything.
    const other = new LocalHost(process.getuid?.() === 0 ? shell : "sh");
    try {
      const reading = expect(readJournal(placeIn(directory, other))).rejects;
      await reading.toThrow(/cannot read the journal .*what was done for this incident is not known/);
      await expect(readJournal(placeIn(directory, other))).rejects.toThrow(named);
    } finally {
      await chmod(join(directory, closed), 0o700);
    }
  });

  test("that cannot be written stops the step, with the reason", async () => {
    const directory = await temporary();
    await writeFile(join(directory, "journal"), "in the way");
    await expect(new Journal(placeIn(directory)).finish("dump", {})).rejects.toThrow(
      /the journal in .* could not be written: .*run pulumi up again: it finds out what was done/s,
    );
  });

  test("that does not fit on the disc leaves no half of it behind", async () => {
    /** Files may be made, but not one byte written to them. */
    class Full extends LocalHost {
      override run(...[script, ...rest]: Parameters<LocalHost["run"]>) {
        return super.run({ ...script, text: `trap "" XFSZ; ulimit -f 0\n${script.text}` }, ...rest);
      }
    }
    const directory = await temporary();
    await expect(new Journal(placeIn(directory, new Full())).finish("load", {})).rejects.toThrow(
      /could not be written/,
    );
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
        (on) => new Journal(placeIn(join(root, "i"), on)).finish("dump", record),
        async () => {
          const entry = (await readJournal(placeIn(join(root, "i")))).done.get("dump");
          if (entry) expect(entry).toMatchObject(record);
        },
        async () => {
          expect((await readJournal(placeIn(join(root, "i")))).done.get("dump")).toMatchObject(record);
          const files = await readdir(join(root, "i/journal"));
          expect(files.filter((name) => !/^\.dump\.done\.\w{6}$/.test(name))).toEqual(["dump.done"]);
        },
      );
      expect(places).toBeGreaterThanOrEqual(1);
    },
    BREAKS_LIMIT,
  );
});

describe("the journals of an incident", () => {
  const managerAt = (node: string, place: IncidentPlace) => ({ spec: { node, home: "/" }, place });

  test("are read once for each directory, and show what was noted in them meanwhile", async () => {
    const [shared, own] = [placeIn(await temporary()), placeIn(await temporary())];
    const [one, two, three] = [
      managerAt("a@h", shared),
      managerAt("b@h", { ...shared }),
      managerAt("c@h", own),
    ];
    const incident = await readIncident("one", [one, two, three]);
    await entries.dump.finish(incident.on(one), { path: "/backups/dump" });
    expect(entries.dump.done(incident.on(two))?.path).toBe("/backups/dump");
    expect(incident.journals.map((journal) => entries.dump.isDone(journal))).toEqual([true, true, false]);
  });

  test("know what somebody else noted, a service script too, once they are read again", async () => {
    const place = placeIn(await temporary());
    const one = managerAt("a@h", place);
    const journal = (await readIncident("one", [one])).on(one);
    await new Journal(place).begin("stop.a@h", { epoch: 5 });
    expect(entries.stop("a@h").begun(journal)).toBeUndefined();
    await journal.readAgain();
    expect(entries.stop("a@h").begun(journal)?.epoch).toBe(5);
  });

  test("do not claim what could not be written", async () => {
    const directory = await temporary();
    await writeFile(join(directory, "journal"), "in the way");
    const journal = new Journal(placeIn(directory));
    await expect(journal.finish("dump", {})).rejects.toThrow(/could not be written/);
    expect(journal.done.size).toBe(0);
  });
});

describe("the outage", () => {
  test("counts from the stop, by the host's clock, until the pair was proven", async () => {
    const manager = await managerAt(host, await fakeHome());
    const journal = new Journal(manager.place);
    expect(await outageSeconds(manager, journal)).toBe(0);
    const { stdout } = await host.run(sh("date +%s"));
    await journal.begin(`stop.${manager.spec.node}`, { epoch: Number(stdout) - 100 });
    expect(await outageSeconds(manager, journal)).toBeGreaterThanOrEqual(99);
    expect(await outageSeconds(manager, journal)).toBeLessThan(200);
    await journal.finish("proven", { outageSeconds: 17.5 });
    expect(await outageSeconds(manager, journal)).toBe(17.5);
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
    const { stdout } = await host.run(sh(script), { list: [directory] }, { encoding: "latin1" });
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
