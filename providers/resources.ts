import { type DynamicProvider, providerOf } from "./handler";
import { managerPartnerConfig } from "./managerPartnerConfig";
import { managerRegistration } from "./managerRegistration";
import { mnesiaBackup } from "./mnesiaBackup";
import { mnesiaImport } from "./mnesiaImport";
import { recoveryCheck } from "./recoveryCheck";
import { recoveryRollback } from "./recoveryRollback";
import type { Session } from "./session";

/** The resources by the names under which their providers are loaded. */
export interface Providers {
  recoveryCheck: DynamicProvider;
  mnesiaBackup: DynamicProvider;
  managerPartnerConfig: DynamicProvider;
  mnesiaImport: DynamicProvider;
  managerRegistration: DynamicProvider;
  recoveryRollback: DynamicProvider;
}

/** The providers of one run: they share its session. */
export function providersOf(session: Session): Providers {
  const program = { makes: false };
  return {
    recoveryCheck: providerOf(recoveryCheck(session), program),
    mnesiaBackup: providerOf(mnesiaBackup(session), program),
    managerPartnerConfig: providerOf(managerPartnerConfig(session), program),
    mnesiaImport: providerOf(mnesiaImport(session), program),
    managerRegistration: providerOf(managerRegistration(session), program),
    recoveryRollback: providerOf(recoveryRollback(session), program),
  };
}
