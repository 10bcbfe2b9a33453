import { LATE_TABLES } from "../../leofs/mnesia/tables";
import { EMPTY, outOfBackup, readMnesia, textFile, withFile } from "./files";
import { does, type Played, reads, split } from "./played";
import { merged, parseRows, type Rows } from "./rows";
import { clock } from "./world";

/** A dump of the rows as they are, into a file; nothing when the manager does not serve. */
export const dump: Played = (machine, { file }) => {
  const database = machine.manager.serves;
  if (!database) return reads(() => ({ code: 1, stdout: "Cannot connect Node" }));
  const write = (text: string) => {
    const [directory, name] = split(file!);
    const tree = machine.trees.get(directory);
    if (tree) machine.trees.set(directory, withFile(tree, name, textFile(text)));
    else machine.files.set(file!, text);
  };
  return does(
    () => write("{cut"),
    () => write(database.rows.text),
  );
};

/** Puts a dump into a running pair. */
export const load: Played = (machine, { file: path }) => {
  const database = machine.manager.serves;
  const file = machine.file(path!);
  const rows = file === undefined ? undefined : parseRows(file);
  if (!database || !rows) return reads(() => ({ code: 1, stdout: "" }));
  const { world } = machine;
  return {
    steps: [
      () => {
        if (clock.now < database.lateAt && hasLateRows(rows))
          world.rules.violate("loaded while tables were missing: they are in memory only");
        if (hasOtherRows(rows)) world.rules.loads += 1;
        else if (world.rules.removedForGood.some((name) => database.rows.cells.has(name)))
          world.rules.violate("what was removed before is back for as long as LeoFS makes its last tables");
        database.rows = merged(database.rows, rows);
      },
    ],
    answer: () => ({ code: 1, stdout: ENTERED }),
  };
};
const isLate = (cell: string) => LATE_TABLES.includes(cell.split("|")[0]!);
const hasLateRows = ({ cells }: Rows): boolean => [...cells.keys()].some(isLate);
const hasOtherRows = ({ cells }: Rows): boolean => ![...cells.keys()].every(isLate);
const ENTERED = Array.from(
  { length: 22 },
  (_, n) => `** Table t${n} already exists on 'x', just entering data\n`,
).join("");

/** The rows of a backup's files, or of a stopped manager's own, as the Erlang of the release reads them. */
export const extract: Played = (machine, { files, partial }) => {
  const [backup] = split(files!);
  const held = readMnesia(
    (files === machine.mnesia
      ? machine.manager.directory
      : outOfBackup(machine.trees.get(backup) ?? EMPTY)) ?? EMPTY,
  );
  if (!held) return reads(() => ({ code: 1, stdout: "{error,corrupt}" }));
  const write = (text: string) => machine.putTree(partial!, withFile(EMPTY, "dump.txt", textFile(text)));
  return does(
    () => write("{cut"),
    () => write(held.rows.text),
  );
};
