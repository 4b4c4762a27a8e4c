// Until when the door's certificates are valid: the server's word, which is all that there is to say of what it shows to everybody.

import type { Finding } from "../../format/health.ts";

export const PATH = "/certificates";
const SOON_DAYS = 60;
const DAY_MS = 86_400_000;
const RENEW = "make new certificates with the card at hand: doorward card --tls";
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** The last second of the last of them; null without certificates, and if nobody says. */
export async function untilUtc(): Promise<string | null> {
  if (location.protocol !== "https:") return null;
  try {
    const response = await fetch(PATH, { cache: "no-store" });
    const text = response.ok ? await response.text() : "";
    return MOMENT.test(text) ? text : null;
  } catch {
    return null;
  }
}

/** A line on them at the door's time; none where there are no certificates. */
export function judgeCertificates(until: string | null, at: string): readonly Finding[] {
  if (until === null) return [];
  const days = Math.floor((Date.parse(until) - Date.parse(at)) / DAY_MS);
  const subject = "certificates";
  if (days < 0) return [{ subject, level: "fault", says: "none is valid at the door’s time", do: RENEW }];
  const says = `valid for ${days.toLocaleString("en-GB")} more days`;
  return [days < SOON_DAYS ? { subject, level: "warning", says, do: RENEW } : { subject, level: "ok", says, do: "" }];
}
