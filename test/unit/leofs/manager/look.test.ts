import { truncateSync, writeFileSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listDirectory } from "../../../../leofs/manager/directory";
import { lookAtHost } from "../../../../leofs/manager/look";
import { readSettings } from "../../../../leofs/manager/settings";
import { CONF, cleanUp, type FakeHome, fakeHome } from "../../support/fakeHome";
import { LocalHost } from "../../support/localHost";
import { shells } from "../../support/shells";

cleanUp();

describe.each(shells.filter(({ command }) => command.length === 1))(
  "a look at a manager's host by $name",
  ({ command }) => {
    const looked = async (home: FakeHome) => {
      const { runAs: _, ...manager } = home.manager;
      const facts = await lookAtHost(new LocalHost(command[0]), manager);
      return { facts, settings: readSettings(manager, facts) };
    };
    const environment = (home: FakeHome, text: string) =>
      writeFile(join(home.manager.home, "etc/leo_manager.environment"), text);

    test.each([
      ["by its path", (etc: string) => `RUNNER_ETC_DIR="${etc}"`],
      ["below the home", () => "RUNNER_ETC_DIR=$RUNNER_BASE_DIR/../conf # moved"],
    ])(
      "finds the conf where RUNNER_ETC_DIR is, %s, and not the complete one in HOME/etc",
      async (_, line) => {
        const home = await fakeHome();
        const etc = join(home.roots[0], "conf");
        await mkdir(etc);
        await writeFile(
          join(etc, "leo_manager.conf"),
          CONF.replace("manager_1@10.0.0.12", "manager_7@10.0.0.17"),
        );
        // A copy that came with a package, and that nobody reads.
        await writeFile(join(etc, "leo_manager.environment"), "RUNNER_USER=nobody\n");
        await environment(home, `RUNNER_USER=leo.fs\n${line(etc)}\n`);
        const { facts, settings } = await looked(home);
        expect(join(facts.conf.path)).toBe(join(etc, "leo_manager.conf"));
        expect(facts.runAs).toBe("leo.fs");
        expect(settings.partner).toBe("manager_7@10.0.0.17");
      },
    );

    test("LeoFS's version is that of its application, whatever the number of the build", async () => {
      const home = await fakeHome();
      await writeFile(join(home.manager.home, "releases/start_erl.data"), "8.3 1\n");
      expect((await looked(home)).facts.release).toEqual({ leofs: "1.4.4", erts: "8.3" });
      await rm(join(home.manager.home, "lib"), { recursive: true });
      await writeFile(
        join(home.manager.home, "etc/app.config"),
        '[{leo_manager,[{system_version,"1.4.2"}]}].\n',
      );
      expect((await looked(home)).facts.release).toEqual({ leofs: "1.4.2", erts: "8.3" });
    });

    test("a manager that is down is what its next start makes it, whatever the last one was", async () => {
      const home = await fakeHome();
      const etc = join(home.manager.home, "etc");
      await writeFile(join(etc, "vm.args"), "-name manager_0@10.0.0.11\n-setcookie the-old-one\n");
      await writeFile(
        join(etc, "app.config"),
        "[{leo_manager,[{manager_mode,slave},{port_cui,1},{port_json,2}]}].\n",
      );
      await writeFile(home.conf, `${CONF}manager.mode = master\n`);
      expect((await looked(home)).settings).toMatchObject({
        cookie: "401321b4",
        role: "master",
        consolePort: 10010,
        jsonPort: 10020,
        generated: { cookie: "the-old-one", mode: "slave" },
      });
    });

    test("files of leo_manager.d count whatever they are called, and only files", async () => {
      const home = await fakeHome();
      const directory = join(home.manager.home, "etc/leo_manager.d");
      await mkdir(join(directory, "50-directory.conf"), { recursive: true });
      await symlink("/nowhere", join(directory, "40-gone.conf"));
      await writeFile(join(directory, "20-$(x)partner.conf"), "manager.partner = manager_8@10.0.0.18\n");
      await writeFile(join(directory, "30-old.conf.rpmsave"), "manager.partner = manager_9@10.0.0.19\n");
      const { facts, settings } = await looked(home);
      expect(facts.conf.overrides.map(({ path }) => path)).toEqual([join(directory, "20-$(x)partner.conf")]);
      expect(settings.partner).toBe("manager_8@10.0.0.18");
    });

    test("thousands of files are listed at once, each with its size and kind", async () => {
      const { mnesia } = await fakeHome();
      for (let n = 0; n < 3000; n += 1) writeFileSync(join(mnesia, `old-${n}.TMP`), "x".repeat(n % 7));
      await mkdir(join(mnesia, "lost+found"));
      await mkdir(join(mnesia, "old/of 2024"), { recursive: true });
      for (const at of ["old/schema.DAT", "old/of 2024/a b.DCD"]) writeFileSync(join(mnesia, at), "four");
      // More than 2 GiB: not every awk prints such a number in full.
      truncateSync(join(mnesia, "old/schema.DAT"), 5_000_000_000);
      await symlink("/nowhere", join(mnesia, ".gone"));
      const { files } = await listDirectory(new LocalHost(command[0]), mnesia);
      const found = (name: string) => files.find((file) => file.name === name);
      expect(files).toHaveLength(3006);
      expect(found("old-2999.TMP")).toEqual({ name: "old-2999.TMP", bytes: 3, kind: "f" });
      expect(found("with blank'$(x)")).toEqual({ name: "with blank'$(x)", bytes: 3, kind: "f" });
      expect(found("lost+found")).toMatchObject({ bytes: 0, kind: "d" });
      expect(found("old")).toEqual({ name: "old", bytes: 5_000_000_004, kind: "d" });
      expect(found(".gone")).toMatchObject({ bytes: 0, kind: "l" });
    });

    test("a home that is a link, or ends in a slash, is the same home", async () => {
      const home = await fakeHome();
      const link = join(home.roots[0], "current");
      await symlink(home.manager.home, link);
      for (const path of [link, `${home.manager.home}/`]) {
        const { facts, settings } = await looked({ ...home, manager: { ...home.manager, home: path } });
        expect(facts.home.exists).toBe(true);
        expect(settings.node).toBe("manager_0@10.0.0.11");
        expect(facts.conf.next).toBeUndefined();
      }
    });
  },
);
