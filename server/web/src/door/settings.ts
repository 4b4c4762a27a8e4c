// What the household wants watched, changed on this reader's word: seen, changed, set; and once more if somebody was quicker.
//
// Source: docs/FORMAT.md, "Settings".

import { Written } from "../format/json.ts";
import { type Settings, settings } from "../format/messages.ts";
import type { Household } from "./household.ts";
import { Refused } from "./session.ts";

/** Change the settings that are in force; what others set meanwhile stays. Throws Refused, TrustError, Unreachable. */
export async function changeSettings(household: Household, change: (held: Settings) => Settings): Promise<void> {
  try {
    await setOnce(household, change);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "changed_meanwhile") throw error;
    await household.catchUp();
    await setOnce(household, change);
  }
  await household.catchUp();
  // What is in force now is told with the next head.
  household.wake();
}

async function setOnce(household: Household, change: (held: Settings) => Settings): Promise<void> {
  const { body } = await household.ask({ type: "settings" });
  await household.ask({ type: "set", settings: Written.of(change(body.settings), settings) });
}
