import { returnValue } from "../../conf/changeConf";
import type { Manager } from "../../manager/manager";
import { PARTNER_KEY, partnerFile } from "../../manager/settings";
import { confOfPartner, currentPartner } from "../partner";

/** Puts a manager's conf back as it was, or its partner alone where a person edited the rest since (see `returnValue`). */
export const returnConf = (manager: Manager): Promise<string | undefined> =>
  returnValue(confOfPartner(manager), PARTNER_KEY, {
    bytes: partnerFile(manager).bytes,
    value: currentPartner(manager),
  });
