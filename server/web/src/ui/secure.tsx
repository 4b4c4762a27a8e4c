// The secure connection: what is missing without the household's certificate, how to pass it on, and the words of this door.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Household } from "../door/household.ts";
import type { View } from "../door/view.ts";
import { wordsOf } from "../format/words.ts";
import { DeedButton, Fault, useDeed } from "./deed.tsx";
import { save } from "./save.ts";
import { worksOffline } from "./worker.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function Secure({ household, view }: Props): JSX.Element {
  const deed = useDeed();
  const [result, setResult] = useState<string | null>(null);
  const [trusted, setTrusted] = useState<boolean | null>(null);
  useEffect(() => {
    void worksOffline().then(setTrusted);
  }, []);
  const act = async (): Promise<void> => {
    const { body } = await household.ask({ type: "authority" });
    if (body.certificate === null) {
      setResult("This door has no certificate of its own.");
      return;
    }
    save(new Blob([body.certificate], { type: "application/x-x509-ca-cert" }), "doorward.crt");
    setResult("Saved. Before a device trusts it, compare its fingerprint with the one on the card.");
  };
  return (
    <section aria-labelledby="secure">
      <h2 id="secure">This door</h2>
      <p>
        Its key reads <strong class="words">{wordsOf(view.verified.chain.roster.device)}</strong>. A recording that was
        saved as a file shows the same words to whoever checks it.
      </p>
      {trusted === false && (
        <p role="note">
          This device does not trust your door’s certificate. Everything works but one thing: the page cannot open when
          the door is out of reach. And each warning that you click away could hide somebody else’s door. Install the
          certificate that came with the card.
        </p>
      )}
      <p>Another device can trust this door too: pass the door’s certificate on, and install it there.</p>
      <DeedButton deed={deed} act={act}>
        Save the certificate
      </DeedButton>
      <p role="status">{result}</p>
      <Fault deed={deed} />
    </section>
  );
}
