// Older recordings that somebody gives as a file, made with the card.

import type { JSX } from "preact";
import { useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import { bytes } from "../../format/bytes.ts";
import { Fault, useAction } from "../parts/action.tsx";

const MAX_BYTES = 16 * 1024 * 1024;

export function Given({ household }: { readonly household: Household }): JSX.Element {
  const action = useAction();
  const [result, setResult] = useState<string | null>(null);
  const take = async (file: File): Promise<void> => {
    setResult(null);
    if (file.size > MAX_BYTES) {
      setResult("This file is too large to be one.");
      return;
    }
    const taken = await household.takeGrant(bytes(new Uint8Array(await file.arrayBuffer())));
    setResult(
      taken
        ? "Thank you. What it opens is now among the recordings."
        : "This file holds nothing for this device. It may be for another one, or damaged.",
    );
  };
  return (
    <section aria-labelledby="given">
      <h2 id="given">Older recordings</h2>
      <p>
        What was recorded before this device joined opens once somebody gives it to you: from another device, under its
        name above, or with the card, as a file that “doorward grant” writes.
      </p>
      <label class="action plain file">
        Open such a file
        <input
          type="file"
          accept=".age"
          disabled={action.busy}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) action.run(() => take(file));
          }}
        />
      </label>
      <p role="status">{result}</p>
      <Fault action={action} />
    </section>
  );
}
