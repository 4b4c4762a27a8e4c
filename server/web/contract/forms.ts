// Texts and names: what could be one.

import type { Bytes } from "../src/format/bytes.ts";
import { FormatError, blob, count, list, object, parse, string } from "../src/format/json.ts";
import { parseConditions } from "../src/format/conditions.ts";
import { parseReport } from "../src/format/health.ts";
import { ringPayload } from "../src/format/ring.ts";
import { parsePrivate } from "../src/format/lines.ts";
import { notice, reply } from "../src/format/messages.ts";
import { statement } from "../src/format/statement.ts";
import { nameFault } from "../src/trust/names.ts";
import { type Actions, text } from "./request.ts";

/** What is signed of a head. */
export const signedHead = object({ door: blob(32), seq: count(), hash: blob(32) });

const FORMS: Readonly<Record<string, (raw: Bytes) => unknown>> = {
  statement: (raw) => parse(raw, statement),
  private: (raw) => parsePrivate(raw, "body"),
  reply: (raw) => parse(raw, reply),
  notice: (raw) => parse(raw, notice),
  head: (raw) => parse(raw, signedHead),
  conditions: parseConditions,
  health: parseReport,
  ring: (raw) => parse(raw, ringPayload),
};

export const TEXTS: Actions = {
  /** Whether each of these texts is the one text of a value of a form. */
  could_be(request) {
    const form = FORMS[text(request, "form")];
    if (!form) throw new Error(`unknown form; there are ${Object.keys(FORMS).join(", ")}`);
    const taken = list(blob())(request["texts"], "texts").map((raw) => {
      try {
        form(raw);
        return true;
      } catch (error) {
        if (error instanceof FormatError) return false;
        throw error;
      }
    });
    return { taken };
  },

  /** What a page says of each name beside another; null if nothing. */
  name_faults: (request) => ({
    faults: list(list(string()))(request["names"], "names").map(([name = "", ...others]) => nameFault(name, others)),
  }),
};
