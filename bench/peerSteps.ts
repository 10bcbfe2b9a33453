import { type Script, script, scriptOf, type Values } from "../remote/script";
import type { ManagerDescription } from "../sandbox";
import { mnesiaOf, type Scene } from "./scene";

/** A step that every other way carries out, each by its own means. */
export interface PeerStep {
  /** On whose host, by its name in the sandbox. */
  on: string;
  script: Script;
  values: Values;
}

const TABLES = 22;
const NOTHING = scriptOf("true", "true");
const of = (name: string): Script => script(`bench/scripts/${name}.sh`);

/**
 * The documented recovery as an operator would write it down: the steps, correct readiness (every table on disc on both
 * before the load), and no proof of anything.
 *
 * @param local the hosts share a disc: nothing is copied over a network
 */
export function peerSteps(scene: Scene, local: boolean): PeerStep[] {
  const steps = workingSteps(scene, local);
  return scene.idle ? steps.map(({ on }) => ({ on, script: NOTHING, values: {} })) : steps;
}

function workingSteps(scene: Scene, local: boolean): PeerStep[] {
  const { sandbox, good: goodName, other: otherName } = scene;
  const [good, other] = [sandbox.manager(goodName), sandbox.manager(otherName)];
  const step = (on: string, name: string, values: Values = {}): PeerStep => ({
    on,
    script: of(name),
    values,
  });
  const keep = (on: string, name: string, { backups, ...rest }: ManagerDescription) =>
    step(on, name, { mnesia: mnesiaOf(rest as ManagerDescription), backups });
  const ready = (on: string, one: ManagerDescription) =>
    step(on, "await-ready", {
      ...{ mnesia: mnesiaOf(one), address: one.nodeAddress, port: one.consolePort, tables: TABLES },
    });
  const start = (on: string, { home }: ManagerDescription) => step(on, "start", { home });
  const stop = step(goodName, "stop", { home: good.home });
  if (scene.case === "in-place") {
    const login = local ? "" : `${sandbox.description.user}@${good.address}`;
    const from = mnesiaOf(good);
    const { key } = sandbox.description;
    return [
      stop,
      keep(otherName, "keep-and-clear", other),
      keep(goodName, "keep", good),
      step(otherName, "fetch", { from, to: mnesiaOf(other), key, port: good.sshPort, login }),
      start(goodName, good),
      start(otherName, other),
      ready(goodName, good),
      ready(otherName, other),
    ];
  }
  const file = `${good.backups}/dump.txt`;
  const partner = (on: string, one: ManagerDescription, node: string) =>
    step(on, "set-partner", { conf: `${one.etc}/leo_manager.conf`, partner: node });
  // The other one is the master, which must be started first.
  return [
    step(goodName, "dump", { home: good.home, file }),
    stop,
    keep(goodName, "keep-and-clear", good),
    partner(goodName, good, other.node),
    partner(otherName, other, good.node),
    start(otherName, other),
    start(goodName, good),
    ready(otherName, other),
    ready(goodName, good),
    step(goodName, "load", { home: good.home, file }),
    step(otherName, "update-managers", {
      ...{ address: other.nodeAddress, port: other.consolePort, master: other.node, slave: good.node },
    }),
  ];
}
