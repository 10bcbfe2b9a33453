import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { succeed } from "../../sandbox/commands";
import { appConfig, editConf, untilReply } from "./managerSupport";
import { sandboxForThisFile } from "./testSandbox";

const cluster = sandboxForThisFile({ storages: 0, gateways: 0, users: 0, buckets: 0, endpoints: 0 });
let spare: string;
const of = () => cluster().manager(spare);
const partner = () => /\{manager_partners,\[(.*)\]\}/.exec(appConfig(of()))?.[1];

beforeAll(async () => {
  spare = await cluster().spare({ role: "slave" });
});

/** What a start makes of the conf; the manager is stopped again. */
async function started(change: (text: string) => string): Promise<string> {
  const putBack = editConf(of(), change);
  try {
    expect((await cluster().startManager(spare)).code).toBe(0);
    await untilReply(cluster(), spare, "version", /1\.4\.4/);
    return partner() ?? "none";
  } finally {
    putBack();
    await cluster().stopManager(spare);
  }
}

const withPartner = (lines: string) => (text: string) => text.replace(/^manager\.partner = .*$/m, lines);

test("the last of several lines counts, blanks around = do not", async () => {
  expect(await started(withPartner("manager.partner = first@h\nmanager.partner=last@h"))).toBe("last@h");
});

test("a file in leo_manager.d overrides the conf", async () => {
  const folder = join(of().home, "etc", "leo_manager.d");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "site.conf"), "manager.partner = fromdir@h\n");
  try {
    expect(await started(withPartner("manager.partner = fromconf@h"))).toBe("fromdir@h");
  } finally {
    rmSync(join(folder, "site.conf"));
  }
});

test("a trailing comment, quotes and brackets become part of the value", async () => {
  expect(await started(withPartner("manager.partner = m@127.0.0.1 # the slave"))).toBe(
    "'m@127.0.0.1 # the slave'",
  );
  expect(await started(withPartner('manager.partner = "m@127.0.0.1"'))).toBe("'\"m@127.0.0.1\"'");
});

test("unknown keys are ignored: a typing error in the key leaves no partner at all", async () => {
  expect(await started(withPartner("manager.partnr = x@y"))).toBe("none");
});

test("an empty value: nothing is written; without files of an earlier start there is an error, exit 1", async () => {
  const putBack = editConf(of(), withPartner("manager.partner ="));
  const generated = ["app.config", "vm.args"].map((name) => join(of().home, "etc", name));
  for (const file of generated) renameSync(file, `${file}.aside`);
  try {
    const { code, stdout } = await cluster().startManager(spare);
    expect([code, stdout]).toEqual([1, `Error reading ${of().home}/etc/app.config\n`]);
  } finally {
    for (const file of generated) renameSync(`${file}.aside`, file);
    putBack();
  }
});

test("without a conf the package's defaults count: manager_0's name, even in a slave's folder", async () => {
  // Only the generator: the node that it describes would listen where another sandbox may be.
  const etc = join(cluster().directory, "hosts", "noconf");
  mkdirSync(etc);
  copyFileSync(join(of().home, "etc", "leo_manager.schema"), join(etc, "leo_manager.schema"));
  const erl = join(cluster().tools.erlangRoot, "bin", "erl");
  const args = ["-noinput", "-boot", "start_clean", "-pa", join(cluster().directory, "ebin")];
  const written = (await succeed(erl, [...args, "-run", "sandbox_conf", "main", etc])).trim().split(" ");
  const [app, vm] = written.map((file) => readFileSync(file, "utf8"));
  expect(vm).toMatch(/\n-setcookie leofs\n-name manager_0@127\.0\.0\.1\n\+P 1048576$/);
  expect(app).toContain("{manager_mode,slave}");
  expect(app).toContain("{port_cui,10010}");
  expect(app).not.toContain("manager_partners");
});
