import { excerpt } from "../../remote/errors";
import type { Script } from "../../remote/script";

/** Shell text of a test as a script. Its values are given as `list` and are `$1`, `$2`, ... */
export const sh = (text: string): Script => ({ name: excerpt(text, 80), text, names: [] });
