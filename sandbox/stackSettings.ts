import type { Description, ManagerDescription, Role } from "./describe";

/** A manager in the form of the setting `clusters`. */
function managerSettings(manager: ManagerDescription, { user, key }: Description): Record<string, unknown> {
  return {
    node: manager.node,
    home: manager.home,
    backupDirectory: manager.backups,
    connection: {
      host: manager.address,
      port: manager.sshPort,
      user,
      privateKeyFile: key,
      hostKey: manager.hostKey,
    },
  };
}

/** The setting `nodes`, where this sandbox's nodes have hosts: the sandbox keeps each in a home of its own. */
function nodesSettings({ user, key, nodes }: Description): Record<string, unknown> {
  const except = Object.values(nodes).flatMap(({ node, home, host }) =>
    host ? [[node, { home, connection: { hostKey: host.hostKey } }] as const] : [],
  );
  const [port] = Object.values(nodes).flatMap(({ host }) => host?.sshPort ?? []);
  return except.length === 0
    ? {}
    : { nodes: { connection: { port, user, privateKeyFile: key }, except: Object.fromEntries(except) } };
}

function only(managers: ManagerDescription[], what: string): ManagerDescription {
  const [one] = managers;
  if (!one || managers.length > 1)
    throw new Error(`this sandbox has ${managers.length} managers that are ${what}`);
  return one;
}

/** Settings of a takeover in the sandbox's present situation: one manager lost, one spare installed. */
export function takeoverSettings(sandbox: Description, incident: string): Record<string, unknown> {
  const all = Object.values(sandbox.managers);
  const lost = only(
    all.filter((manager) => manager.lost),
    "lost",
  );
  const survivor = only(
    all.filter((manager) => !manager.lost && !manager.spare),
    "surviving",
  );
  const replacement = only(
    all.filter((manager) => manager.spare),
    "spare",
  );
  return {
    incident,
    ...nodesSettings(sandbox),
    takeover: {
      lost: lost.node,
      survivor: managerSettings(survivor, sandbox),
      replacement: managerSettings(replacement, sandbox),
    },
  };
}

/** Settings of a move of one of the sandbox's two managers to the spare one. */
export function moveSettings(sandbox: Description, incident: string, moves: Role): Record<string, unknown> {
  const all = Object.values(sandbox.managers);
  const to = only(
    all.filter(({ spare }) => spare),
    "spare",
  );
  const pair = all.filter(({ spare }) => !spare);
  const [from] = pair.filter(({ role }) => role === moves);
  const [stays] = pair.filter(({ role }) => role !== moves);
  if (!from || !stays) throw new Error("this sandbox has no pair of which one could move");
  const { backupDirectory: _, ...moving } = managerSettings(from, sandbox);
  return {
    incident,
    ...nodesSettings(sandbox),
    move: { from: moving, stays: managerSettings(stays, sandbox), to: managerSettings(to, sandbox) },
  };
}

/** Settings of an in-place recovery of one of the sandbox's two managers. */
export function inPlaceSettings(
  sandbox: Description,
  incident: string,
  damaged: Role | "auto",
): Record<string, unknown> {
  const pair = Object.values(sandbox.managers).filter((manager) => !manager.lost && !manager.spare);
  if (damaged === "auto")
    return {
      incident,
      ...nodesSettings(sandbox),
      inPlace: { managers: pair.map((manager) => managerSettings(manager, sandbox)), donor: "auto" },
    };
  const [bad] = pair.filter((manager) => manager.role === damaged);
  const [donor] = pair.filter((manager) => manager.role !== damaged);
  if (!bad || !donor) throw new Error("this sandbox has no pair to recover in place");
  return {
    incident,
    ...nodesSettings(sandbox),
    inPlace: { damaged: managerSettings(bad, sandbox), donor: managerSettings(donor, sandbox) },
  };
}
