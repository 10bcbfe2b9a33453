import type { Clone } from "../../test/engine/support/clone";
import { ansible } from "./ansible";
import { commandOnly } from "./commandOnly";
import { byHand, floor } from "./oneByOne";
import { oursOffline, oursOnline } from "./ours";
import type { Way } from "./way";

/** Every way, in the order of the table. */
export const waysOf = (clone: Clone, ansibleProgram: string): Way[] => [
  floor,
  byHand,
  commandOnly(clone),
  ansible(ansibleProgram),
  oursOffline(clone),
  oursOnline(clone),
];
