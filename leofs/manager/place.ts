import { posix } from "node:path";
import type { Host } from "../../remote/host";
import { type Script, script, type Values } from "../../remote/script";
import { parseSections, type Sections, utf8 } from "../../remote/sections";

/** A directory on a host, or one that is to be made there: then its nearest parent that is there counts. */
export interface Place {
  path: string;
  link: boolean;
  /** A symbolic link on the way to it that leads nowhere: it can not be made. */
  dangling?: string;
  /** What of it is there: itself, or its nearest parent. */
  nearest: string;
  /** The path without symbolic links, as far as it is there and can be entered. */
  real: string;
  /** Files can be made, renamed and removed in it by the user who looked. */
  writable: boolean;
  /** Its file system is mounted read-only: nobody can write there. */
  readOnly: boolean;
  /** Its file system is in memory: it is gone when the host restarts. */
  inMemory: boolean;
  /** Its file system is mounted with quotas: a user may have less room than is free. */
  quota: boolean;
  owner: string;
  /** Only its owner, or the owner of what lies in it, may rename and remove there. */
  sticky: boolean;
  /** It is where a file system is mounted. */
  mountPoint: boolean;
  /** Where the file system that holds it is mounted; undefined when `df` does not say. */
  disk: string | undefined;
  freeKiB: number | undefined;
  /** Files that can still be made; undefined where the file system has no such limit. */
  freeFiles: number | undefined;
}

/** KiB for what is written beside the data meanwhile: logs, generated files, Mnesia's notes. Every sum of needed room has it once. */
export const WORKING_KIB = 4096;

/** Whether a user may replace what lies in a directory. */
export const mayRename = ({ writable, sticky, owner }: Place, user: string, what: Place): boolean =>
  writable && (!sticky || user === "root" || owner === user || what.owner === user);

/** Whether nothing more can be written there. */
export const isFull = ({ freeKiB, freeFiles }: Place): boolean =>
  (freeKiB !== undefined && freeKiB < 256) || (freeFiles !== undefined && freeFiles < 16);

const LOOK = script("leofs/manager/scripts/look-at-place.sh");

/** What a script that looks at places printed. */
export async function answers(host: Host, what: Script, values: Values, as?: string) {
  const { stdout } = await host.run(what, values, { as, timeoutMs: 30_000, encoding: "latin1" });
  return parseSections(stdout);
}

/** What `place NAME PATH` of `place-lib.sh` printed. */
export function placeIn({ values }: Sections, name: string): Place {
  const text = (what: string): string => utf8(values.get(`${name}.${what}`) ?? "");
  const [rights = "", owner = ""] = text("rights").split(" ");
  const [, free, disk] = /^(\S+) (.*)$/.exec(text("disk")) ?? [];
  const [files, left] = text("inodes").split(" ").map(Number);
  const [path, nearest] = [text("path"), text("nearest")];
  return {
    path,
    link: values.has(`${name}.link`),
    ...(values.has(`${name}.dangling`) && { dangling: text("dangling") }),
    nearest,
    real: posix.join(text("real") || nearest, path.slice(nearest.length)),
    writable: values.has(`${name}.writable`),
    readOnly: values.has(`${name}.readonly`),
    inMemory: values.has(`${name}.memory`),
    quota: values.has(`${name}.quota`),
    owner,
    sticky: /^.{9}[tT]/.test(rights),
    mountPoint: values.has(`${name}.exists`) && disk !== undefined && disk === text("real"),
    disk,
    freeKiB: free === undefined || !/^-?\d+$/.test(free) ? undefined : Math.max(0, Number(free)),
    freeFiles: files && Number.isFinite(left) ? left : undefined,
  };
}

/** Looks at a directory, read-only; it need not be there yet. */
export async function lookAtPlace(host: Host, path: string, as: string | undefined): Promise<Place> {
  return placeIn(await answers(host, LOOK, { path }, as), "it");
}
