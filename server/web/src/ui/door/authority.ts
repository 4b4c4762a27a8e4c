// The certificate of the house's own authority: asked of the door, which signs its answer, and compared with what the server offers
// for installing. A phone begins to install only what a navigation brings.

import type { Household } from "../../door/household.ts";
import { equal } from "../../format/bytes.ts";

export const PATH = "/doorward.crt";

/** What came of leading the browser to the certificate. */
export type Led = "led" | "absent" | "differs";

/** The certificate that the door has and signed for; null if it has none. Throws what `ask` throws. */
export async function authorityOf(household: Household): Promise<Uint8Array<ArrayBuffer> | null> {
  const { body } = await household.ask({ type: "authority" });
  return body.certificate;
}

/** Lead the browser to the certificate, if what is offered there is the very one that the door signed for. */
export async function leadTo(certificate: Uint8Array<ArrayBuffer>): Promise<Led> {
  const response = await fetch(PATH, { cache: "no-store" });
  if (!response.ok) return "absent";
  if (!equal(new Uint8Array(await response.arrayBuffer()), certificate)) return "differs";
  location.assign(PATH);
  return "led";
}
