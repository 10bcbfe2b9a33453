import { escaped, Markup, markup } from "./escape";
import type { Picture } from "./report";

const WIDTH = 460;
const BOX = { width: 200, height: 48 };
const NODE = { width: 140, height: 42 };
const IN_ROW = 3;
/** More boxes than this would be too small to read: then nodes that follow the same managers share one. */
const MOST = 8;

interface NodeBox {
  title: string;
  below: string;
  follows: string[];
}

/** Managers above, storage and gateway nodes below, a line from each node to the managers it follows. */
export function pictureSvg(picture: Picture, title: string): Markup {
  const boxes = boxesOf(picture);
  const managerBox = { ...BOX, width: Math.min(BOX.width, WIDTH / picture.managers.length - 10) };
  const rows = Math.ceil(boxes.length / IN_ROW);
  const height = 130 + rows * 66;
  const managerX = (index: number) => ((index + 0.5) * WIDTH) / picture.managers.length;
  const place = new Map(picture.managers.map(({ node }, index) => [node, managerX(index)]));
  const nodes = boxes.map((box, index) => {
    const inRow = Math.min(IN_ROW, boxes.length - Math.floor(index / IN_ROW) * IN_ROW);
    return {
      ...box,
      x: (((index % IN_ROW) + 0.5) * WIDTH) / inRow,
      y: 130 + Math.floor(index / IN_ROW) * 66,
    };
  });
  const lines = nodes.flatMap(({ x, y, follows }) =>
    follows.flatMap((node) => {
      const to = place.get(node);
      if (to === undefined) return [];
      const serves = picture.managers.find((one) => one.node === node)?.serves;
      return [
        markup`<line x1="${x}" y1="${y}" x2="${to}" y2="${20 + BOX.height}" class="${serves ? "follows" : "follows lost"}"/>`,
      ];
    }),
  );
  const managers = picture.managers.map(({ node, state, serves }, index) =>
    box(managerX(index), 20, managerBox, serves ? "manager" : "manager off", node, state),
  );
  const below = nodes.map((one) => box(one.x, one.y, NODE, "node", one.title, one.below));
  return markup`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}: ${inWords(picture)}">
<title>${title}</title>
${lines}
${managers}
${below}
</svg>`;
}

/** The same in words, for who cannot see it. */
export function inWords({ managers, nodes }: Picture): string {
  const said = managers.map(({ node, state }) => `${node} ${state}`);
  return [...said, ...nodes.map(({ node, follows }) => `${node} follows ${follows.join(" and ")}`)].join(
    "; ",
  );
}

function boxesOf({ nodes }: Picture): NodeBox[] {
  if (nodes.length <= MOST)
    return nodes.map(({ node, type, follows }) => ({ title: node, below: type, follows }));
  const groups = new Map<string, NodeBox & { count: number; type: string }>();
  for (const { type, follows } of nodes) {
    const key = `${type} ${[...follows].sort().join()}`;
    const group = groups.get(key) ?? { title: "", below: "", follows, count: 0, type };
    groups.set(key, { ...group, count: group.count + 1 });
  }
  return [...groups.values()].map(({ count, type, follows }) => ({
    title: `${count} ${type} nodes`,
    below: "follow the same",
    follows,
  }));
}

/** A long name gets smaller letters instead of leaving its box. */
function box(
  x: number,
  y: number,
  size: { width: number; height: number },
  kind: string,
  title: string,
  below: string,
): Markup {
  const letters = (text: string, most: number) =>
    Math.min(most, (size.width - 12) / (Math.max(text.length, 1) * 0.58)).toFixed(1);
  return new Markup(
    `<g class="${escaped(kind)}"><rect x="${x - size.width / 2}" y="${y}" width="${size.width}" height="${size.height}" rx="6"/>` +
      `<text x="${x}" y="${y + size.height / 2 - 3}" font-size="${letters(title, 13)}">${escaped(title)}</text>` +
      `<text x="${x}" y="${y + size.height / 2 + 14}" font-size="${letters(below, 11)}" class="state">${escaped(below)}</text></g>`,
  );
}
