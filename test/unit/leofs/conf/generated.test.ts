import { describe, expect, test } from "vitest";
import { effectiveConf } from "../../../../leofs/conf/conf";
import { parseGenerated, parseVmArgs } from "../../../../leofs/conf/generated";
import { TermError } from "../../../../leofs/erlang/terms";
import { isLeofs2, readRelease, versionProblems } from "../../../../leofs/manager/versions";
import { systemProblems } from "../../../../leofs/mnesia/systemConf";

const APP_CONFIG = `[{leo_rpc,[{listen_port,13075},{node,'manager_0@10.0.0.11:13075'}]},
 {leo_manager,[{port_json,10020},
               {port_cui,10010},
               {bind_address,"localhost"},
               {manager_mode,master},
               {system_version,"1.4.4"},
               {manager_partners,['manager_1@10.0.0.12']},
               {system,[{dc_id,dc_1},{cluster_id,leofs_1},{n,3},{w,2}]}]},
 {mnesia,[{dc_dump_limit,40},{dir,"./work/mnesia/127.0.0.1"}]}].
`;
const VM_ARGS = "-smp enable\n+A 32\n-setcookie 401321b4\n-name manager_0@10.0.0.11\n+P 1048576";

describe("generated files", () => {
  test("what the manager was started with", () => {
    expect(parseGenerated({ appConfig: APP_CONFIG, vmArgs: VM_ARGS })).toEqual({
      node: "manager_0@10.0.0.11",
      cookie: "401321b4",
      partners: ["manager_1@10.0.0.12"],
      mode: "master",
      mnesiaDir: "./work/mnesia/127.0.0.1",
      consolePort: 10010,
      jsonPort: 10020,
      bindAddress: "localhost",
      rpcPort: 13075,
    });
  });

  test("before the first start there are none", () => {
    expect(parseGenerated({})).toEqual({ partners: [] });
  });

  test("a partner with a comment in its name is read as LeoFS wrote it", () => {
    const text = APP_CONFIG.replace("manager_1@10.0.0.12", "manager_1@10.0.0.12 # the slave");
    expect(parseGenerated({ appConfig: text }).partners).toEqual(["manager_1@10.0.0.12 # the slave"]);
  });

  test("a damaged app.config is refused; the last argument of vm.args counts", () => {
    expect(() => parseGenerated({ appConfig: "[{leo_manager,[" })).toThrow(TermError);
    expect(parseVmArgs("-name a@x\r\n-name b@x\r\n")).toEqual({ node: "b@x" });
  });
});

describe("a new master's system values", () => {
  const cluster = { version: "1", cluster_id: "leofs_1", dc_id: "dc_1", n: "3", w: "2" };

  test("are those of the cluster", () => {
    const same = effectiveConf("consistency.num_of_replicas = 3\nconsistency.write = 2\n");
    expect(systemProblems(same, cluster)).toEqual([]);
  });

  test("or each difference is named with the line to write", () => {
    expect(systemProblems(effectiveConf("consistency.write = 1\n"), cluster)).toEqual([
      "consistency.num_of_replicas must be 3, as in the cluster: no line sets it, so it is 1. Set consistency.num_of_replicas = 3.",
      "consistency.write must be 2, as in the cluster: etc/leo_manager.conf line 1 sets it to 1. Set consistency.write = 2.",
    ]);
  });
});

describe("versions", () => {
  test("of a home: LeoFS's by its own application, else by its generated conf, never by the build's number", () => {
    expect(readRelease("8.3 1\n", "1.4.2", undefined)).toEqual({ erts: "8.3", leofs: "1.4.2" });
    expect(readRelease("8.3 1\n", undefined, '[{leo_manager,[{system_version, "1.4.3"}]}].')).toEqual({
      erts: "8.3",
      leofs: "1.4.3",
    });
    expect(readRelease("8.3 1\n", undefined, undefined)).toEqual({ erts: "8.3", leofs: undefined });
    expect(readRelease("", undefined, undefined)).toEqual({ erts: undefined, leofs: undefined });
  });

  test("LeoFS 2 by its number", () => {
    const is2 = (leofs: string | undefined) => isLeofs2({ leofs, erts: "13.2" });
    expect(["2.0.0", "2.0.0-pre.1", "1.4.4", undefined].map(is2)).toEqual([true, true, false, false]);
  });

  test("a pair has one version", () => {
    const one = { name: "manager_0@a", release: { erts: "11.1.8", leofs: "1.4.4" } };
    expect(versionProblems(one, { name: "manager_1@b", release: { erts: "11.2", leofs: "1.4.4" } })).toEqual(
      [],
    );
    expect(
      versionProblems(one, { name: "manager_1@b", release: { erts: undefined, leofs: undefined } }),
    ).toEqual([]);
    expect(versionProblems(one, { name: "manager_1@b", release: { erts: "9.3", leofs: "1.4.3" } })).toEqual([
      "manager_0@a is LeoFS 1.4.4, manager_1@b is LeoFS 1.4.3: install the same version on both.",
      "manager_0@a runs on Erlang runtime 11.1.8, manager_1@b on 9.3: install the same LeoFS package on both.",
    ]);
  });
});
