import pLimit from "p-limit";
import type { Ahead } from "../contract/handler";
import { checkedGlance } from "./checkedViews";
import type { Session } from "./session";

/** Managers that are looked at together: more logins at once make each of them late. */
const MANAGERS = 16;

/**
 * Looks at pairs whose checks come later. Pulumi has one resource checked after the other, so that each check would begin
 * with its logins only when those before it are through; now it finds its look made, or under way.
 */
export function lookAhead(session: Session, pairs: readonly Ahead[]): void {
  if (session.looksAhead) return;
  session.looksAhead = true;
  const few = pLimit(MANAGERS);
  // What keeps one from being looked at is said by its own check.
  for (const { managers, ...common } of pairs)
    for (const target of managers)
      void few(() => checkedGlance(session, target, common)).catch(() => undefined);
}
