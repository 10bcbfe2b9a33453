import { z } from "zod";
import { nodesProblems } from "../../providers/nodes/nodeTargets";
import type { NodeException, NodesTarget } from "../../providers/targets/arguments";
import type { ConnectionArgs } from "../../remote/connection";
import { readableKey } from "./keyFile";
import { defined, mapping, nodeName, optional, path, userName } from "./kinds";

const byType = (description: string, fallback: string) =>
  optional(mapping({ storage: optional(path()), gateway: optional(path()) })).meta({ description, fallback });

/** As for a manager, but that the host is the part of each node's name after `@` unless it is given. */
const connection = () => optional(z.looseObject({ privateKeyFile: optional(z.string()) }));

const exception = mapping({
  connection: connection(),
  home: optional(path()),
  etcDirectory: optional(path()),
  runAs: optional(userName()),
  backupDirectory: optional(path()),
});

export const nodes = mapping({
  connection: connection().meta({
    description: "how their hosts are reached ([connection](#connection)), alike for all",
    fallback: "`host`: the part of each node's name after `@`; the rest as ever",
  }),
  home: byType(
    "`home.storage` and `home.gateway`: their directories, those above `bin/leo_storage` and `bin/leo_gateway`",
    "`/usr/local/leofs/current/leo_storage` and `leo_gateway`",
  ),
  etcDirectory: byType(
    "`etcDirectory.storage` and `etcDirectory.gateway`: where their confs are",
    "as `bin/leo_storage` and `bin/leo_gateway` find it",
  ),
  runAs: optional(userName()).meta({
    description: "user LeoFS runs as",
    fallback: "`RUNNER_USER` of each node's environment file, else `leofs`",
  }),
  backupDirectory: optional(path()).meta({
    description: "absolute directory on their hosts for the confs as they were",
    fallback: "`work/leofs-recovery` in each home",
  }),
  except: optional(z.record(nodeName(), exception)).meta({
    description:
      "what single nodes have instead, by node name: any of these settings, `home` and `etcDirectory` as one path",
    fallback: "none",
  }),
});

type Written = z.infer<typeof nodes>;

/** `nodes` as the providers get it. Without a key, password or agent the key of all is OpenSSH's own default. */
export const nodesSetting = () =>
  nodes.transform((written, context): NodesTarget => {
    const { connection: given = {}, except = {}, ...rest } = written;
    const { connection: all, privateKeyFile } = readableKey(given, context);
    const target: NodesTarget = {
      ...defined(rest as Omit<NodesTarget, "connection" | "except">),
      connection: all as Partial<ConnectionArgs>,
      ...(privateKeyFile && { privateKeyFile }),
      ...(Object.keys(except).length > 0 && {
        except: Object.fromEntries(
          Object.entries(except).map(([node, own]) => [node, exceptionOf(own, all, context)]),
        ),
      }),
    };
    for (const problem of nodesProblems("", target)) context.addIssue({ code: "custom", message: problem });
    return target;
  });

function exceptionOf(
  { connection: given, ...rest }: NonNullable<Written["except"]>[string],
  all: Partial<ConnectionArgs>,
  context: z.RefinementCtx,
): NodeException {
  const { privateKeyFile, ...own } = given ?? {};
  // Only a file that is given: the one of all stands for the others.
  const file = privateKeyFile && readableKey({ ...all, ...own, privateKeyFile }, context).privateKeyFile;
  return defined({
    ...rest,
    connection: given && (own as Partial<ConnectionArgs>),
    privateKeyFile: file,
  }) as NodeException;
}
