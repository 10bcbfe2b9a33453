import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changeManagers, type NodeOnHost, returnManagers } from "../../../../leofs/nodes/changeManagers";
import { editRights, follows, lookAtNode, managersIn } from "../../../../leofs/nodes/nodeConf";
import { cleanUp, temporary } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";

const PAIR = ["manager_2@10.0.0.13", "manager_1@10.0.0.12"];
const NEW = `managers = [${PAIR.join(", ")}]`;
const NODE = "storage_0@10.0.0.21";
const CONF = `## the managers, all of whom must answer at the start
managers = [manager_0@10.0.0.11, manager_1@10.0.0.12]
obj_containers.path = [./avs]
nodename = ${NODE}
`;
const host = new LocalHost();
cleanUp();

interface Home {
  on: NodeOnHost;
  conf: string;
  overrides: string;
  kept: string;
}

async function nodeHome(conf: string | Buffer | undefined = CONF): Promise<Home> {
  const home = join(await temporary(), "leo_storage");
  const overrides = join(home, "etc/leo_storage.d");
  await mkdir(overrides, { recursive: true });
  if (conf !== undefined) await writeFile(join(home, "etc/leo_storage.conf"), conf);
  const spec = { node: NODE, type: "storage" as const, home, runAs: userInfo().username };
  const backupDirectory = join(home, "work/leofs-recovery");
  const incidentDirectory = join(backupDirectory, "production-one");
  return {
    on: { host, spec, backupDirectory, incidentDirectory },
    conf: join(home, "etc/leo_storage.conf"),
    overrides,
    kept: join(incidentDirectory, `leo_storage.conf.${NODE}`),
  };
}

const wouldFollow = async ({ on }: Home) => follows(await lookAtNode(host, on.spec), PAIR);

describe("a node's conf that is to name the pair", () => {
  test("one value changes; the original and the journal are kept on its host; done again nothing changes", async () => {
    const home = await nodeHome();
    await chmod(home.conf, 0o640);
    expect(await changeManagers(home.on, PAIR)).toBe(home.conf);
    expect(await readFile(home.conf, "utf8")).toBe(CONF.replace(/^managers = .*$/m, NEW));
    expect(await readFile(home.kept, "utf8")).toBe(CONF);
    const { mode, uid, gid, ino } = await lstat(home.conf);
    expect([mode & 0o777, uid, gid]).toEqual([0o640, userInfo().uid, userInfo().gid]);
    expect(await readdir(join(home.on.spec.home, "etc"))).toEqual(["leo_storage.conf", "leo_storage.d"]);
    expect(await readdir(join(home.on.incidentDirectory, "journal"))).toEqual([`managers.${NODE}.done`]);
    await changeManagers(home.on, PAIR);
    expect((await lstat(home.conf)).ino).toBe(ino);
  });

  test.each<[string, string]>([
    ["managers = [manager_0@10.0.0.11, manager_1@10.0.0.12] # the old pair", NEW],
    ["managers=manager_0@10.0.0.11", `managers=${NEW.slice(11)}`],
    ["managers = [a@b]\nmanagers = [c@d]", `managers = [a@b]\n${NEW}`],
    ["\tmanagers\t=  [a@b]  \r\nx = 1\r", `\tmanagers\t=  ${NEW.slice(11)}  \r\nx = 1\r`],
    ["#managers = [a@b]", `#managers = [a@b]\nnodename = ${NODE}\n${NEW}`],
    [`managers = [${PAIR[0]}, ${PAIR[1]}] # new`, NEW],
  ])("%j becomes right, and no other byte changes", async (line, wanted) => {
    const rest = `\nnodename = ${NODE}\n`;
    const home = await nodeHome(line + rest);
    await changeManagers(home.on, PAIR);
    expect(await readFile(home.conf, "utf8")).toBe(
      wanted.includes("nodename") ? `${wanted}\n` : wanted + rest,
    );
    expect(await wouldFollow(home)).toBe(true);
  });

  test("the pair in the other order is right as it is", async () => {
    const conf = CONF.replace(/^managers = .*$/m, `managers = [${[...PAIR].reverse().join(",")}]`);
    const home = await nodeHome(conf);
    await changeManagers(home.on, PAIR);
    expect(await readFile(home.conf, "utf8")).toBe(conf);
  });

  test("a file of its .d directory that beats the conf is changed, and a link keeps leading there", async () => {
    const home = await nodeHome();
    const managed = join(home.on.spec.home, "managed.conf");
    const override = join(home.overrides, "20-managers.conf");
    await writeFile(managed, "# Ansible managed\nmanagers = [a@b]\n");
    await symlink(managed, override);
    const seen = await lookAtNode(host, home.on.spec);
    expect(await editRights(host, seen, home.on.incidentDirectory)).toEqual({ link: managed, problems: [] });
    expect(await changeManagers(home.on, PAIR)).toBe(override);
    expect(await readFile(managed, "utf8")).toBe(`# Ansible managed\n${NEW}\n`);
    expect((await lstat(override)).isSymbolicLink()).toBe(true);
    expect(await readFile(home.conf, "utf8")).toBe(CONF);
    await returnManagers(home.on);
    expect(await readFile(managed, "utf8")).toBe("# Ansible managed\nmanagers = [a@b]\n");
  });

  test("the conf that the control script reads is found: GLOBAL_CONFIG aside, RUNNER_ETC_DIR", async () => {
    const home = await nodeHome();
    const etc = join(home.on.spec.home, "elsewhere");
    await mkdir(etc);
    await rename(home.conf, join(etc, "leo_storage.conf"));
    await writeFile(join(home.on.spec.home, "etc/leo_storage.environment"), `RUNNER_ETC_DIR=${etc}\n`);
    expect(await changeManagers(home.on, PAIR)).toBe(join(etc, "leo_storage.conf"));
  });

  test.each<[string, string | undefined, RegExp]>([
    ["a line without =", `${CONF}nonsense\n`, /leo_storage\.conf line 5 has no `=`.*Nothing was changed/s],
    ["a key without a value", `x =\n${CONF}`, /leo_storage\.conf line 1 gives x no value/],
    [
      "the conf of another node",
      CONF.replace(NODE, "storage_7@x"),
      /leo_storage\.conf line 4 says nodename = storage_7@x: this is not the conf of storage_0@10\.0\.0\.21/,
    ],
    ["no node name", "managers = [a@b]\n", /sets no nodename, so LeoFS would call it storage_0@127\.0\.0\.1/],
    ["no conf", undefined, /leo_storage\.conf is not there: set nodes\.etcDirectory/],
  ])("is refused for %s, before anything is written", async (_, conf, text) => {
    const home = await nodeHome(conf ?? "");
    if (conf === undefined) await rm(home.conf);
    await expect(changeManagers(home.on, PAIR)).rejects.toThrow(text);
    if (conf !== undefined) expect(await readFile(home.conf, "utf8")).toBe(conf);
    expect(await readdir(home.on.spec.home)).toEqual(["etc"]);
  });

  test("a home that is not there is named", async () => {
    const home = await nodeHome();
    const on = { ...home.on, spec: { ...home.on.spec, home: "/nowhere/leo_storage" } };
    await expect(changeManagers(on, PAIR)).rejects.toThrow(
      /\/nowhere\/leo_storage is not there: set nodes\.home/,
    );
  });

  test("is put back byte for byte; an edit of somebody else stays", async () => {
    const home = await nodeHome();
    expect(await returnManagers(home.on)).toBeUndefined();
    await changeManagers(home.on, PAIR);
    expect(await returnManagers(home.on)).toContain("byte for byte");
    expect(await readFile(home.conf, "utf8")).toBe(CONF);
    await changeManagers(home.on, PAIR);
    await writeFile(home.conf, `${await readFile(home.conf, "utf8")}x = 1\n`);
    await returnManagers(home.on);
    expect(await readFile(home.conf, "utf8")).toBe(`${CONF}x = 1\n`);
  });

  const line = fc.constantFrom(
    "",
    "# managers = [a@b]",
    "managers = [a@b, c@d]",
    "managers=[a@b] # why",
    " managers\t= [a@b]\t",
    "managers =[c@d]",
    "x = \u00e9;1",
    "y = [1, 2]",
    "broken",
    "z =",
  );
  const conf = fc
    .array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 7 })
    .map((lines) => `nodename = ${NODE}\n${lines.map((one) => one.join("")).join("")}`);

  test("whatever the conf: it names the pair and every other line has its bytes, or nothing changed", async () => {
    await fc.assert(
      fc.asyncProperty(conf, async (text) => {
        const home = await nodeHome(text);
        const broken = /^(broken|z =)\r?$/m.test(text);
        const changed = await changeManagers(home.on, PAIR).then(
          () => true,
          (error: Error) => !/leo_storage\.conf line \d+ (has no|gives)/.test(error.message),
        );
        expect(changed).toBe(!broken);
        const now = await readFile(home.conf, "utf8");
        if (broken) {
          expect(now).toBe(text);
          return;
        }
        expect(await wouldFollow(home)).toBe(true);
        const [old, lines] = [text.split("\n"), now.split("\n")];
        const differing = lines.filter((one, index) => one !== old[index]);
        expect(differing.filter((one) => one !== "" && !one.includes(PAIR[0]!))).toEqual([]);
        expect(lines.length - old.length).toBe(/^[ \t]*managers/m.test(text) ? 0 : 1);
      }),
      { numRuns: 25 },
    );
  });
});

test.each<[string | undefined, string[]]>([
  ["[a@b, c@d]", ["a@b", "c@d"]],
  ["a@b,c@d", ["a@b", "c@d"]],
  ["[a@b] # old", ["a@b", "#", "old"]],
  ["", []],
  [undefined, []],
])("LeoFS reads %j as %j", (value, names) => {
  expect(managersIn(value)).toEqual(names);
});
