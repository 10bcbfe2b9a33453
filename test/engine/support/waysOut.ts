import type { Broken } from "./handActions";
import { HAND_ACTIONS, moveBack } from "./handActions";

/** What an operator does who reads a failure and follows it. */
interface WayOut {
  says: RegExp;
  follow(broken: Broken, match: RegExpExecArray): Promise<unknown>;
}

const byNode = ({ sandbox, good, other }: Broken, node: string): string =>
  [good, other].find((name) => sandbox.manager(name).node === node) ?? good;

const WAYS_OUT: readonly WayOut[] = [
  {
    says: /Stop both managers, move their Mnesia directories aside, start the master, then the slave/,
    follow: async (broken) => {
      for (const name of ["stop good", "stop other", "move good's files aside", "move other's files aside"])
        await HAND_ACTIONS[name]!(broken);
      await HAND_ACTIONS["start both, master first"]!(broken);
    },
  },
  {
    says: /(manager_\S+) was started with the partner .* Stop it, see that its conf names (\S+), start it/,
    follow: async (broken, [, node = ""]) => {
      const name = byNode(broken, node);
      await broken.sandbox.stopManager(name);
      await HAND_ACTIONS[`partner of ${name === broken.good ? "good" : "other"}: each other`]!(broken);
      await broken.sandbox.startManager(name);
    },
  },
  {
    says: /(manager_\S+) runs, but with another partner than/,
    follow: async (broken, [, node = ""]) => {
      const name = byNode(broken, node);
      await broken.sandbox.stopManager(name);
      await HAND_ACTIONS[`partner of ${name === broken.good ? "good" : "other"}: each other`]!(broken);
    },
  },
  {
    says: /survivor (manager_\S+) is down, so it cannot be asked whether it has the newest data\..* it starts without it\. Start it/,
    follow: (broken, [, node = ""]) => broken.sandbox.startManager(byNode(broken, node)),
  },
  {
    says: /the donor (manager_\S+) is down: what users write to the one would be lost/,
    follow: (broken, [, node = ""]) => broken.sandbox.startManager(byNode(broken, node)),
  },
  {
    says: /Its tables are in (\S+?)(?: and in \S+)?\. Stop (manager_\S+), move that directory away/,
    follow: async (broken, [, directory = "", node = ""]) => {
      const name = byNode(broken, node.replace(/,$/, ""));
      await broken.sandbox.stopManager(name);
      await moveBack(broken, name, directory);
    },
  },
  {
    says: /or go back: with rollback: true|Or go back: with rollback: true/,
    follow: (broken) => broken.rollBack(),
  },
  {
    says: /(?:Mend|mend) .*run pulumi up again|then run pulumi up again|and run pulumi up again/,
    follow: async () => undefined,
  },
];

/** Does what a failure says; false when it says nothing that can be done. */
export async function followWayOut(broken: Broken, message: string): Promise<boolean> {
  for (const { says, follow } of WAYS_OUT) {
    const match = says.exec(message);
    if (!match) continue;
    await follow(broken, match);
    return true;
  }
  return false;
}
