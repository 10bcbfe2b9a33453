/** What Pulumi's provider host loads, by the constant text that every resource carries (see `resource.ts`). */
import { endWithEngine } from "./endWithEngine";
import { providerOf } from "./handler";
import { managerPartnerConfig as partner } from "./managerPartnerConfig";
import { managerRegistration as registration } from "./managerRegistration";
import { mnesiaBackup as backup } from "./mnesiaBackup";
import { mnesiaImport as imported } from "./mnesiaImport";
import { recoveryCheck as check } from "./recoveryCheck";
import { recoveryRollback as rollback } from "./recoveryRollback";

export const recoveryCheck = providerOf(check);
export const mnesiaBackup = providerOf(backup);
export const managerPartnerConfig = providerOf(partner);
export const mnesiaImport = providerOf(imported);
export const managerRegistration = providerOf(registration);
export const recoveryRollback = providerOf(rollback);

endWithEngine();
