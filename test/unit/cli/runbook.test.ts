import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, test } from "vitest";
import type { Actor, SideName } from "../../../cli/runbook/actor";
import { type Cast, shellSteps } from "../../../cli/runbook/steps";
import { runbookText } from "../../../cli/runbook/text";
import { runbookOf } from "../../../cli/runbook/write";
import type { ManagerView } from "../../../leofs/checks/view";
import type { ManagerTarget } from "../../../providers/targets/arguments";
import { inPlace } from "../../../recovery/inPlace";
import { takeover } from "../../../recovery/takeover";
import { optionalProgram } from "../support/optionalProgram";
import { MASTER, NEW, SLAVE, view } from "../support/views";

const shellcheck = optionalProgram("shellcheck", "shellcheck");
const directory = mkdtempSync(join(tmpdir(), "leofs-runbook-test-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8B29GDkwfsf1iZJx3ACqhlW2kn8A/ZnZeDfHqx6QFQ";
const actor = (side: SideName, seen: ManagerView): Actor => {
  const { node } = seen.manager.spec;
  const target: ManagerTarget = {
    ...seen.manager.spec,
    backupDirectory: "/var/backups/it's here",
    connection: { host: node.split("@")[1]!, user: "ops", password: "canary-5ecret", hostKey },
  };
  return { side, target, view: seen, directory: "/var/backups/it's here/production-one-by-hand" };
};
const cast = (good: Actor, other: Actor, master: Actor): Cast => ({
  ...{ good, other, master, slave: master === good ? other : good },
  tables: ["leo_s3_users", "leo_s3_buckets"],
  ring: "1d38ab6d",
});
const written = (recipe: ReturnType<typeof takeover>, roles: Cast): string =>
  runbookText(recipe, roles, shellSteps(recipe, roles), {
    what: "takeover",
    findings: ["a finding\nrm -rf /"],
    writtenAt: "2026-11-22",
  });

const common = { cluster: "production", incident: "one" };
const old = actor("good", view({ node: SLAVE, role: "slave", partner: MASTER }));
const fresh = actor("other", view({ node: NEW, role: "master", state: "down", files: [] }));
const takeoverRecipe = takeover({ ...common, lost: MASTER, survivor: old.target, replacement: fresh.target });
const donor = actor("good", view());
const damaged = actor("other", view({ node: SLAVE, state: "down" }));
const inPlaceRecipe = inPlace({ ...common, managers: [donor.target, damaged.target], donor: 0 });
const books = [
  ["a takeover", written(takeoverRecipe, cast(old, fresh, fresh)), takeoverRecipe],
  ["a recovery in place", written(inPlaceRecipe, cast(donor, damaged, donor)), inPlaceRecipe],
] as const;

describe.each(books)("the runbook of %s", (name, text, recipe) => {
  const file = join(directory, `${name.replaceAll(" ", "-")}.sh`);
  writeFileSync(file, text);

  it("has every step of the recipe in its order, each with a check and an undo", () => {
    const heads = [...text.matchAll(/^# --- (\d+)\. /gm)].map(([, number]) => Number(number));
    expect(heads).toEqual(recipe.steps.map((_, index) => index + 1));
    for (const number of heads)
      for (const part of ["step", "check", "undo"]) expect(text).toContain(`\n${part}_${number}() {\n  `);
  });

  it("holds no secret, and no text of a finding as a command", () => {
    expect(text).not.toContain("canary-5ecret");
    expect(text).not.toMatch(/^\s*rm -rf \//m);
  });

  it.skipIf(!shellcheck)("is good POSIX shell", () => {
    const { status, stdout } = spawnSync(shellcheck!, ["--shell=sh", file], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("lists its steps without going to any host, and begins with the first", () => {
    const run = (...args: string[]) => spawnSync("/bin/sh", [file, ...args], { encoding: "utf8" });
    expect(run("list").stdout).toContain("[ ]  1  check both managers");
    expect(run("step", "2")).toMatchObject({ status: 1, stderr: "STOP: step 1 comes first\n" });
  });
});

test("a takeover from a survivor that is down has none: there would be nothing to load", () => {
  const down = actor("good", view({ node: SLAVE, role: "slave", partner: MASTER, state: "down" }));
  expect(() => written(takeoverRecipe, cast(down, fresh, fresh))).toThrow(
    /is down has no runbook: LeoFS makes no dump/,
  );
});

describe("the commands of a runbook", () => {
  const library = join(__dirname, "../../../cli/runbook/scripts/runbook.sh");
  /** Runs commands of the library on this machine, in the place of either host; `reach` may be replaced. */
  const sh = (commands: string, reach = 'reach() { sh -c "$2"; }') => {
    const text = `become() { :; }\nextra_of() { [ "$1" = good ] || printf second; }\n${reach}\nadm_of() { shift; echo "$*" >> console; }\n. ${library}\n${commands}`;
    return spawnSync("/bin/sh", ["-c", text], {
      cwd: mkdtempSync(join(directory, "run-")),
      encoding: "utf8",
    });
  };
  const said = (commands: string, reach?: string) => sh(commands, reach).stdout.trim().split("\n").at(-1);
  const NO_HOST = "reach() { return 255; }";
  const verdict = (command: string) => `if ${command}; then echo passed; else echo failed; fi`;

  it("take a host that does not answer neither for a manager that is down nor for one that runs", () => {
    for (const command of ["is_down good manager_9@nowhere", "runs good manager_9@nowhere"])
      expect(said(verdict(command), NO_HOST)).toBe("failed");
    expect(said(verdict("is_down good manager_9@nowhere"))).toBe("passed");
  });

  it("find nothing alike that they could not read, or have no room to compare", () => {
    const dump = `printf '{tables,[]}.\\n{leo_s3_users,<<"a">>}.\\n' > dump`;
    for (const command of [
      "same_files good a other b",
      "same_rows good a other b",
      "same_rows good dump other dump",
    ])
      expect(said(`${dump}; mkdir a b; ${verdict(command)}`, NO_HOST)).toBe("failed");
    expect(said(verdict("same_rows good none other neither"))).toBe("failed");
    expect(said(`${dump}; ${verdict("same_rows good dump other dump")}`)).toBe("passed");
    const lacks = '[ "$(lacks good dump now)" -eq 0 ]';
    expect(said(`${dump}; cp dump now; ${verdict(lacks)}`)).toBe("passed");
    // Rows that cannot be written down are no rows that are there.
    expect(said(`${dump}; printf '{tables,[]}.\\n' > now; mkdir dump.rows; ${verdict(lacks)}`)).toBe(
      "failed",
    );
  });

  it("go by nothing that start files of a login print, and keep every byte and the exit code", () => {
    const loud = 'reach() { echo hello; printf "no newline"; sh -c "$2"; }';
    expect(said(verdict("is_down good manager_9@nowhere"), loud)).toBe("passed");
    const made = "mkdir from; head -c 3000000 /dev/urandom > from/x; printf '\\n\\r\\0' >> from/x";
    const copied = verdict('copy_files good "$PWD/from" other "$PWD/to" && cmp from/x to/x');
    expect(said(`${made}; ${copied}`, loud)).toBe("passed");
    expect(said("remote good 'exit 7'; echo $?", loud)).toBe("7");
    expect(said("remote good 'cat' < /dev/null; remote good true; echo $?", "reach() { return 255; }")).toBe(
      "255",
    );
  });

  it("reach sh through every login shell: without a quote inside quotes, a newline or what csh takes for history", () => {
    const line = said(
      'remote good "printf %s \\"it\'s !! 100% \\\\ \\$HOME\\"\n:" "a\nb"',
      'reach() { printf "\n%s\n" "$mark"; printf "%s\n" "$2"; }',
    );
    expect(line).toMatch(/^sh -c 'eval "\$\(printf "\$0"\)"' '(\\[0-7]{3})+'$/);
  });

  it("find a VM in the process table, and none in what bears its name", () => {
    const stands = (program: string, ...words: string[]) =>
      `cp /bin/sh ${program}; mkfifo wait; ./${program} -c 'read x < wait' ${words.join(" ")} & until grep -q read "/proc/$!/cmdline"; do :; done`;
    const down = `${verdict("is_down good manager_8@nowhere")}; : > wait`;
    expect(said(`${stands("beam.smp", "-name", "manager_8@nowhere")}; ${down}`)).toBe("failed");
    expect(said(`${stands("beam.smp", "-extra", "-name", "manager_8@nowhere")}; ${down}`)).toBe("passed");
    expect(said(`${stands("grep", "-name", "manager_8@nowhere")}; ${down}`)).toBe("passed");
  });

  it("give LeoFS's script the name of the second manager of an installation", () => {
    expect(said(`remote other 'echo "<$NODE_EXTRA_NAME>"'`)).toBe("<second>");
    expect(said(`remote good 'echo "<$NODE_EXTRA_NAME>"'`)).toBe("<>");
    expect(said(`as_login other 'echo "<$NODE_EXTRA_NAME>"'`)).toBe("<>");
  });

  it("back up, clear and copy again after they were ended anywhere, and never take another copy for theirs", () => {
    const made = "mkdir m && echo rows > m/schema.DAT && chmod 750 m";
    const backed = 'back_up good "$PWD/m" "$PWD/b" && is_backed_up good "$PWD/m" "$PWD/b" "$PWD/aside"';
    const clear = 'clear_directory good "$PWD/m" "$PWD/aside"';
    for (const ended of [
      "true",
      "mkdir b.partial; echo old > b.partial/old",
      backed,
      `${backed} && ${clear}`,
    ])
      expect(said(`${made}; ${ended}; ${verdict(`${backed} && ${clear} && is_empty good "$PWD/m"`)}`)).toBe(
        "passed",
      );
    expect(said(`${made}; ${backed}; echo newer >> m/schema.DAT; ${verdict(backed)}`)).toBe("failed");
    const copy = 'copy_files good "$PWD/b" other "$PWD/to"';
    for (const ended of ["true", copy])
      expect(said(`${made}; ${backed}; ${ended}; ${verdict(`${copy} && same_files good b other to`)}`)).toBe(
        "passed",
      );
    expect(said(`${made}; ${backed}; mkdir to; echo part > to/x; ${verdict(copy)}`)).toBe("failed");
  });

  it("change a partner by the conf from before, also where that could not be kept at first", () => {
    const made = "printf 'nodename = a@b\\nmanager.partner = c@d\\n' > conf; mkdir kept.partial";
    const set = 'set_partner good "$PWD/conf" new@e "$PWD/kept"';
    expect(said(`${made}; ${set} 2>/dev/null; rm -r kept.partial; ${set}; tr '\\n' ';' < conf`)).toBe(
      "nodename = a@b;manager.partner = new@e;",
    );
    // A conf may be a link, and may end without a newline.
    const linked = "printf 'nodename = a@b' > real; ln -s real conf";
    expect(said(`${linked}; ${set}; [ -L conf ] && tr '\\n' ';' < real`)).toBe(
      "nodename = a@b;manager.partner = new@e;",
    );
  });

  it("bring back no key that everybody knows: it goes before the load, and is looked for afterwards", () => {
    const row = `{leo_s3_credentials,<<"05236">>,x}`;
    // Deleting the user leaves its row, marked; its credential is gone.
    const deleted = `printf '{leo_s3_users,<<"_test_leofs">>,del}.\\n' > before`;
    expect(said("forget_fresh good before; head -n 1 console")).toBe("delete-user _test_leofs");
    const looked = verdict("no_known_key good before now");
    expect(said(`${deleted}; cp before now; ${looked}`)).toBe("passed");
    expect(said(`${deleted}; { cat before; printf '${row}.\\n'; } > now; ${looked}`)).toBe("failed");
    expect(said(`printf '${row}.\\n' > before; cp before now; ${looked}`)).toBe("passed");
    expect(said(`${deleted}; ${looked}`)).toBe("failed");
  });

  it("dump once more what runs, right before its stop, and never over what is dumped of one that is down", () => {
    const [takeoverStop, inPlaceStop] = books.map(([, text]) =>
      /^ {2}dump_again good .* &&\n {2}stop_manager good /m.test(text),
    );
    expect([takeoverStop, inPlaceStop]).toEqual([true, false]);
    const home = `mkdir -p h/bin; printf '#!/bin/sh\nprintf "{tables,[t]}.\\\\n" > "$2"\n' > h/bin/leo_manager; chmod +x h/bin/leo_manager`;
    const again = `echo old > dump; ${verdict("dump_again good n h dump t")}; head -n 1 dump`;
    expect(said(`${home}; state_of() { echo runs; }; ${again}`)).toBe("{tables,[t]}.");
    expect(said(`${home}; state_of() { echo down; }; ${again}`)).toBe("old");
    const silent = verdict("dump_again good n h dump t");
    expect(said(silent, NO_HOST)).toBe("failed");
  });

  it("have a file for each of two managers that share a host and a directory", () => {
    for (const [, text] of books) {
      const [one, other] = [...text.matchAll(/take_dump \S+ \S+ ('.*?proof[^\n]*?')( &&)?$/gm)].map(
        ([, file]) => file,
      );
      expect(one).not.toBe(other);
    }
    const confs = [...books[0][1].matchAll(/set_partner .* (\S+'[^']*leo_manager\.conf[^']*')/g)].map(
      ([line]) => line.replace(/^.*leo_manager\.conf/, ""),
    );
    expect(new Set(confs).size).toBe(2);
  });
});

test.each([
  [{ rollback: true }, /a rollback has no runbook\..*pulumi up and rollback: true; .* undo of each step/],
  [{ method: "online" as const }, /online has no runbook: .*Run pulumi up; or take method: online out/],
])("%j has none, and the message says the way out", async (given, wanted) => {
  const settings = {
    name: "production",
    incident: "one",
    accept: [],
    rollback: false,
    onFailure: "stop" as const,
  };
  await expect(runbookOf({ ...settings, method: "offline", ...given })).rejects.toThrow(wanted);
});
