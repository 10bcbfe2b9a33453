import { styleText } from "node:util";
import type { ManagerState } from "../../leofs/checks/view";
import { someOf } from "../../leofs/sentence";
import type { Diagnosis, Kind } from "./diagnosis";

/** What each kind is called on the screen. */
const NAMES: Record<Kind, string> = {
  healthy: "NOTHING TO DO",
  start: "START IT",
  inPlace: "RECOVER IN PLACE",
  takeover: "TAKEOVER",
  bothDown: "BOTH DOWN",
  splitBrain: "SPLIT BRAIN",
  unclear: "NOT CLEAR",
};

const colourOf = (kind: Kind) => (kind === "healthy" ? "green" : kind === "unclear" ? "yellow" : "red");

/** Where the screen goes and how wide it is. */
export interface Screen {
  /** Columns; longer lines are wrapped between words. */
  width: number;
  colour: boolean;
}

/** The diagnosis as one screen: the verdict first, then what it rests on, the cluster's nodes, what to do. */
export function diagnosisText(diagnosis: Diagnosis, views: readonly ManagerState[], screen: Screen): string {
  const { kind, verdict, evidence, next } = diagnosis;
  const name = NAMES[kind];
  const title = screen.colour ? styleText([colourOf(kind), "bold"], name) : name;
  const lines = item(`${name} `, verdict, screen.width, "").map((line) => line.replace(name, title));
  lines.push("");
  lines.push(...evidence.flatMap((line) => item("-", line, screen.width)));
  lines.push(...nodeLines(views, screen.width));
  if (next.length > 0) lines.push("", "Next:", ...next.flatMap((line) => item(">", line, screen.width)));
  return `${lines.join("\n")}\n`;
}

/** Storage and gateway nodes as the serving manager lists them: whom they follow, and their rings. */
function nodeLines(views: readonly ManagerState[], width: number): string[] {
  const asked = views.find((view) => (view.evidence?.nodes.length ?? 0) > 0);
  if (!asked) return [];
  const { nodes } = asked.evidence!;
  const managers = [asked.manager.spec.node, ...asked.evidence!.partners].sort();
  const silent = nodes.filter((node) => !node.answers).map((node) => node.node);
  const astray = nodes.filter((node) => node.follows && [...node.follows].sort().join() !== managers.join());
  const rings = [...new Set(nodes.flatMap((node) => (node.ring ? [node.ring[0]] : [])))];
  const lines = [
    `${count(nodes.length, "storage and gateway node")}, ${nodes.length - silent.length} of them answer; ${
      rings.length === 1 ? `one ring hash everywhere (${rings[0]})` : `${rings.length} different ring hashes`
    }`,
    ...(silent.length > 0 ? [`no answer from ${someOf(silent, 4)}`] : []),
    ...(astray.length > 0
      ? [
          `other managers than these are followed by ${someOf(
            astray.map(({ node, follows }) => `${node} (${follows!.join(", ")})`),
            4,
          )}`,
        ]
      : []),
  ];
  return lines.flatMap((line) => item("-", line, width));
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/**
 * A marked line, wrapped between words, its further lines two columns further in. A command is in one piece, and without its
 * backquotes.
 */
function item(mark: string, text: string, width: number, margin = "  "): string[] {
  const lines: string[] = [];
  let line = `${margin}${mark}`;
  for (const word of text.match(/`[^`]*`\S*|\S+/g) ?? []) {
    const plain = word.replaceAll("`", "");
    if (line.length + 1 + plain.length > width && line.trim() !== "" && line.trim() !== mark.trim()) {
      lines.push(line);
      line = `${margin} `;
    }
    line += ` ${plain}`;
  }
  return [...lines, line];
}
