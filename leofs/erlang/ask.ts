import { createHash, randomBytes } from "node:crypto";
import { type Conversation, type Host, hasKind } from "../../remote/host";
import { script } from "../../remote/script";
import { bindingsText, type Expressions, expressions } from "./expressions";
import { decodeTerm } from "./externalTerm";
import { NodeUnreachable, whyNot } from "./noAnswer";
import { isTuple, type Term } from "./term";

/** From where nodes are asked: a LeoFS home on a host, whose own Erlang is used. */
export interface Asking {
  host: Host;
  home: string;
  /** Its conf directory, where LeoFS's script has the environment from. */
  etc: string;
  /** User to run as when that is not the login user. */
  as: string | undefined;
  /** The cluster's `distributed_cookie`. Secret: it goes through standard input only. */
  cookie: string;
}

/** How a question is put. */
export interface AskOptions {
  /** Seconds until the node must have answered. Default 8. */
  seconds?: number;
  /** It changes something: it is not put again when the asking VM ends before the answer. */
  once?: boolean;
}

const ASKER = script("leofs/erlang/scripts/asker.sh");
const BOOT = expressions("leofs/erlang/boot.erl");
const PROGRAM = expressions("leofs/erlang/node.erl", "leofs/erlang/asker.erl");
/** A VM ends by itself when nothing was asked for so long. */
const IDLE_MS = 60_000;
/** One that was not asked for so long may be about to end: it is not asked any more. */
const FRESH_MS = 45_000;
/** How much later than the VM's own limit its answer may come. */
const GRACE_MS = 10_000;

interface Asker {
  conversation: Promise<Conversation>;
  usedAt: number;
  /** Questions that wait for their answer. */
  open: number;
}

/** One VM for each host, home, user and cookie, for as long as the connection stands. */
const askers = new WeakMap<Host, Map<string, Asker>>();

/**
 * Puts a question to a running node and returns its answer.
 *
 * The question runs inside the node: constant text of a file, its values bound variables. A VM of the release itself
 * asks, which was built with the same Erlang; it is started for the first question and kept (see asker.erl).
 *
 * @throws NodeUnreachable when the node does not answer or the question fails there, and says why.
 */
export async function askNode(
  from: Asking,
  node: string,
  question: Expressions,
  values: Readonly<Record<string, Term>> = {},
  { seconds = 8, once = false }: AskOptions = {},
): Promise<Term> {
  const words = [String(seconds * 1000), ...[node, bindingsText(values), question.text].map(base64)].join(
    " ",
  );
  const put = () => putTo(askerOf(from), words, seconds * 1000 + GRACE_MS);
  const reply = await put().catch((error) => {
    if (once || !hasKind(error, "closed")) throw error;
    return put();
  });
  const answer = decodeTerm(Buffer.from(reply, "base64"));
  if (isTuple(answer, 2)) return answer.items[1]!;
  const { cause, why } = whyNot(answer, node, question.name, seconds);
  throw new NodeUnreachable(node, `asked from ${from.host.label}: ${why}`, cause);
}

async function putTo(asker: Asker, words: string, timeoutMs: number): Promise<string> {
  asker.open += 1;
  try {
    return await (await asker.conversation).ask(words, timeoutMs);
  } finally {
    asker.open -= 1;
    asker.usedAt = performance.now();
  }
}

function askerOf(from: Asking): Asker {
  const { host, home, as, cookie } = from;
  const key = createHash("sha256")
    .update(JSON.stringify([home, as, cookie]))
    .digest("hex");
  const known = askers.get(host) ?? new Map<string, Asker>();
  askers.set(host, known);
  const kept = known.get(key);
  if (kept && (kept.open > 0 || performance.now() - kept.usedAt < FRESH_MS)) return kept;
  void kept?.conversation.then((conversation) => conversation.close());
  const asker: Asker = { conversation: begin(from), usedAt: performance.now(), open: 0 };
  known.set(key, asker);
  const forget = () => known.get(key) === asker && known.delete(key);
  asker.conversation.then((conversation) => conversation.onEnd(forget), forget);
  return asker;
}

async function begin({ host, home, etc, as, cookie }: Asking): Promise<Conversation> {
  const conversation = await host.converse(ASKER, { home, etc, boot: BOOT.text }, { as });
  // A node takes one connection a name: the name is new for every VM.
  const name = `recovery${randomBytes(6).toString("hex")}@127.0.0.1`;
  conversation.tell(base64(`${PROGRAM.text}.\n`));
  conversation.tell(`${base64(name)} ${base64(cookie)} ${IDLE_MS}`);
  return conversation;
}

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
