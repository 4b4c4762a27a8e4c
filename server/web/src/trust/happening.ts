// What a change of the household means to people: who did what, as keys that a page turns into names.
//
// Source: docs/FORMAT.md, "Household".

import { type Bytes, equal } from "../format/bytes.ts";
import * as forms from "../format/household.ts";
import type { Change } from "../format/lines.ts";
import { type Roster, readerOf } from "./roster.ts";
import { unchecked } from "./signed.ts";

/** `null` stands for the card where somebody acts. */
export type Happening =
  | { readonly what: "joined"; readonly reader: Bytes; readonly by: Bytes | null; readonly inviter: Bytes | null }
  | { readonly what: "invited"; readonly by: Bytes }
  | { readonly what: "applied"; readonly label: string; readonly inviter: Bytes }
  | { readonly what: "removed"; readonly reader: Bytes; readonly by: Bytes | null }
  /** Somebody who asked to join was not let in. */
  | { readonly what: "turned_away"; readonly label: string; readonly by: Bytes | null }
  | { readonly what: "renamed"; readonly reader: Bytes; readonly by: Bytes; readonly from: string; readonly to: string }
  | { readonly what: "card_proposed"; readonly by: Bytes }
  | { readonly what: "card_objected"; readonly by: Bytes | null }
  /** `by` asked and `agreed` agreed; both are null if the old card did it. */
  | { readonly what: "card_replaced"; readonly by: Bytes | null; readonly agreed: Bytes | null };

/** What a change meant that the fold has accepted: nothing is verified here. */
export function happeningOf(before: Roster, after: Roster, change: Change): Happening {
  const actor = (by: Bytes): Bytes | null => (equal(by, before.admit) ? null : by);
  switch (change.type) {
    case "reader_added": {
      const { reader } = unchecked(change.admission, forms.admission, "admission");
      return { what: "joined", reader: reader.sign, by: null, inviter: null };
    }
    case "invited":
      return { what: "invited", by: unchecked(change.invite, forms.invite, "invite").by };
    case "applied": {
      const newest = after.applications.at(-1);
      if (!newest) throw new Error("an application that was accepted waits");
      return { what: "applied", label: newest.reader.label, inviter: newest.inviter };
    }
    case "reader_confirmed": {
      const { by, subject } = unchecked(change.confirmation, forms.confirmation, "confirmation");
      const waiting = before.applications.find((application) => equal(application.subject, subject));
      if (!waiting) throw new Error("only accepted changes have a meaning");
      return { what: "joined", reader: waiting.reader.sign, by, inviter: waiting.inviter };
    }
    case "reader_removed": {
      const { by, reader } = unchecked(change.removal, forms.removal, "removal");
      const asked = before.applications.findLast((one) => equal(one.reader.sign, reader));
      if (asked && !readerOf(before, reader)) return { what: "turned_away", label: asked.reader.label, by: actor(by) };
      return { what: "removed", reader, by: actor(by) };
    }
    case "reader_renamed": {
      const { by, reader, label } = unchecked(change.renaming, forms.renaming, "renaming");
      const from = before.readers.find(({ sign }) => equal(sign, reader))?.label ?? "";
      return { what: "renamed", reader, by, from, to: label };
    }
    case "card_proposed":
      return { what: "card_proposed", by: unchecked(change.replacement, forms.replacement, "replacement").by };
    case "card_objected":
      return { what: "card_objected", by: actor(unchecked(change.objection, forms.objection, "objection").by) };
    case "card_replaced": {
      const { by } = unchecked(change.replacement, forms.replacement, "replacement");
      const agreed =
        change.confirmation === null ? null : unchecked(change.confirmation, forms.confirmation, "confirmation").by;
      return { what: "card_replaced", by: actor(by), agreed };
    }
  }
}
