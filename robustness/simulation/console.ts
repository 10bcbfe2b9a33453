import type { Status } from "../../leofs/console/console";
import type { ManagerConsole } from "../../leofs/manager/manager";
import { nodesOf, RING } from "./facts";
import { RING_ROW, type Rows, usersIn } from "./rows";
import type { SimulatedMachine, World } from "./world";

/** A manager's console. */
export function consoleOf(machine: SimulatedMachine): ManagerConsole {
  const { world } = machine;
  const ask = async <T>(answer: (rows: Rows) => T, steps: (() => void)[] = []): Promise<T> =>
    world.remote(`console of ${machine.manager.node}`, () => {
      const database = machine.manager.serves;
      return {
        steps: database ? steps : [],
        answer: () => {
          if (!database) throw new Error("[ERROR] Mnesia is not available");
          return answer(database.rows);
        },
      };
    });
  return {
    status: () => ask((rows) => statusOf(world, rows)),
    users: () =>
      ask((rows) =>
        usersIn(rows).map((userId) => {
          const version = rows.cells.get(`leo_s3_users|${userId}`);
          return { userId, roleId: 1, accessKeyId: "", createdAt: String(version) };
        }),
      ),
    buckets: () => ask(() => []),
    endpoints: () => ask(() => []),
    updateManagers: (master: string, slave: string) =>
      ask(
        () => undefined,
        [
          () => {
            if (world.storage.up) world.storage.follows = [master, slave];
          },
        ],
      ),
  };
}

const statusOf = (world: World, rows: Rows): Status => ({
  ring: rows.cells.has(RING_ROW) ? RING[0] : "",
  previousRing: RING[1],
  nodes: nodesOf(world, rows).map(({ node, type, state }) => ({
    node,
    type,
    state,
    ring: RING[0],
    previousRing: RING[1],
  })),
});
