import { createHash } from "node:crypto";

/** What the gatekeeper of a host tells about an operation, before it is run and after it ended. */
export interface Question {
  at: "before" | "after";
  /** Name of the manager whose host it is. */
  host: string;
  /** The gatekeeper's own process, one a session. */
  pid: number;
  /** The sshd process that serves the connection. */
  connection: number;
  /**
   * `open`: a shell's first word. `script`: one on a long-lived shell. `stream`, `command`: one with a session of its own.
   * `question`: what the VM that asks nodes is given to ask; `script` is then its text, `args` are the node and the values.
   * `order`: what the temporary VM of a replica is told.
   */
  kind: "open" | "script" | "stream" | "command" | "question" | "order";
  script: string;
  args: string[];
  /** Before: what the script reads. */
  input?: string;
  /** After: the beginning of its reply. */
  said?: string;
}

/** One remote operation of a run, told apart from others by its words and not by its place in time. */
export interface Operation {
  host: string;
  kind: Question["kind"];
  /** For people: the script's last line and what it works on. */
  label: string;
  /** Digest of script and values, without what differs from run to run. */
  key: string;
  /** Digest of the script alone: the same words said of another file have the same. */
  script: string;
  /** Which of the operations with this key on this host: 1 is the first. */
  nth: number;
  /** A VM asked nodes from that host when it came up. */
  asking?: boolean;
  /** The temporary VM of a replica was up then, on whichever host. */
  replicating?: boolean;
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Whether a script is fed words and not the bytes of a file, which differ from cluster to cluster. */
const isText = (format: string): boolean =>
  !/[^\t\n\r -~]/.test(
    format.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    ),
  );

/** A value without what is new in every run: the sandbox's directory, times, random words, numbers of processes. */
const lasting = (value: string, directory: string): string =>
  value
    .replaceAll(directory, "")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\b(recovery)?[0-9a-f-]{12,}\b/g, "HEX")
    .replaceAll(/127\.77\.\d+\./g, "host")
    .replaceAll(/\b\d+(\.\d+)?\b/g, "N");

/** The script's name, which its first line has, and the last part of its values: enough to recognise it. */
function labelOf({ kind, script, args }: Question, directory: string): string {
  if (kind === "open") return "open";
  const lines = script.trim().split("\n");
  const name = /^# (.*)$/.exec(lines[0]!)?.[1]?.replaceAll(" ", "-");
  const telling = lines.filter((line) => /^[a-z"]/.test(line) && !/^(exit|done|fi|esac)\b/.test(line));
  const verb = (telling.at(-1) ?? lines.at(-1) ?? "").replaceAll(/[^A-Za-z]+/g, "-").slice(0, 24);
  const subject = args
    .map((value) =>
      lasting(value, directory)
        .split("/")
        .at(-1)!
        .replaceAll(/[^\w.@-]+/g, "-"),
    )
    .filter((value) => value !== "" && value.length < 60)
    .slice(0, 2)
    .join(",");
  return `${name ?? verb.replace(/^-|-$/g, "")}${subject && `(${subject})`}`;
}

/** Counts the operations of one run. */
export class OperationCounter {
  private readonly counts = new Map<string, number>();

  constructor(private readonly directory: string) {}

  next(question: Question): Operation {
    const { host, kind, script, args, input = "" } = question;
    const key = digest(
      JSON.stringify(
        [kind, script, isText(input) ? input : "", ...args].map((one) => lasting(one, this.directory)),
      ),
    );
    const counted = `${host}/${key}`;
    const nth = (this.counts.get(counted) ?? 0) + 1;
    this.counts.set(counted, nth);
    return { host, kind, label: labelOf(question, this.directory), key, script: digest(script), nth };
  }
}

/** Names an operation in a case: `manager_1/journal(load.begun)~1f2e3d4c#1`. */
export const operationId = ({ host, label, key, nth }: Operation): string => `${host}/${label}~${key}#${nth}`;
