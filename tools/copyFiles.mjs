/** Part of the build: puts what of the product is not TypeScript (scripts, Erlang) beside the compiled code. */
import { cpSync } from "node:fs";

const WANTED = /\.(sh|erl)$/;
const isWanted = (path) => !/\.[^./]+$/.test(path) || WANTED.test(path);

for (const folder of ["leofs", "remote", "cli"])
  cpSync(folder, `dist/${folder}`, { recursive: true, filter: isWanted });
