import { type DynamicProvider, providerOf } from "./contract/provider";
import { managerPartnerConfig } from "./managerPartnerConfig";
import { managerRegistration } from "./managerRegistration";
import { mnesiaBackup } from "./mnesiaBackup";
import { mnesiaImport } from "./mnesiaImport";
import { recoveryCheck } from "./recoveryCheck";
import { recoveryRollback } from "./recoveryRollback";
import type { Session } from "./session/session";

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
  return {
    recoveryCheck: providerOf(recoveryCheck(session), session),
    mnesiaBackup: providerOf(mnesiaBackup(session), session),
    managerPartnerConfig: providerOf(managerPartnerConfig(session), session),
    mnesiaImport: providerOf(mnesiaImport(session), session),
    managerRegistration: providerOf(managerRegistration(session), session),
    recoveryRollback: providerOf(recoveryRollback(session), session),
  };
}
