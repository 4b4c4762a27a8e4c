// The secure connection: what is missing without the household's certificate, how to install it, and the words of this door.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import { wordsOf } from "../../format/words.ts";
import { authorityOf, leadTo, type Led } from "./authority.ts";
import { ActionButton, Fault, useAction } from "../parts/action.tsx";
import { save } from "../parts/save.ts";
import { type Offline, worksOffline } from "./worker.ts";

interface Props {
  readonly household: Household;
  readonly view: View;
}

const NONE = "This door has no certificate of its own.";
const COMPARE = "Before a device trusts it, compare its fingerprint with the one on the card.";
const LED: Readonly<Record<Led, string>> = {
  led: `Your browser has the certificate now. ${COMPARE}`,
  absent: "The server does not offer it for installing. Save it instead.",
  differs:
    "The server offers another certificate than your door signed. Do not install that one: somebody is interfering.",
};

export function Secure({ household, view }: Props): JSX.Element {
  const action = useAction();
  const [result, setResult] = useState<string | null>(null);
  const [offline, setOffline] = useState<Offline | null>(null);
  useEffect(() => {
    void worksOffline().then(setOffline);
  }, []);
  const pass = (handOver: (certificate: Uint8Array<ArrayBuffer>) => Promise<string>) => async (): Promise<void> => {
    setResult(null);
    const certificate = await authorityOf(household);
    setResult(certificate === null ? NONE : await handOver(certificate));
  };
  const install = pass(async (certificate) => LED[await leadTo(certificate)]);
  const keep = pass((certificate) => {
    save(new Blob([certificate], { type: "application/x-x509-ca-cert" }), "doorward.crt");
    return Promise.resolve(`Saved. ${COMPARE}`);
  });
  return (
    <section aria-labelledby="secure">
      <h2 id="secure">This door</h2>
      <p>
        Its key reads <strong class="words">{wordsOf(view.verified.chain.roster.device)}</strong>. A recording that was
        saved as a file shows the same words to whoever checks it.
      </p>
      {offline === "untrusted" && (
        <p role="note">
          This device does not trust your door’s certificate. Everything works but one thing: the page cannot open when
          the door is out of reach. And each warning that you click away could hide somebody else’s door. Install the
          certificate that came with the card.
        </p>
      )}
      {location.protocol === "https:" && offline !== null && offline !== "untrusted" && (
        <p role="note">
          Did your browser ever warn you about this door? Then it does not trust its certificate yet, and each warning
          that you click away could hide somebody else’s door. Install the certificate that came with the card, or this
          one.
        </p>
      )}
      <p>Install the door’s certificate on this device, or save it for another one.</p>
      <ActionButton action={action} act={install}>
        Install the certificate
      </ActionButton>{" "}
      <ActionButton action={action} act={keep}>
        Save the certificate
      </ActionButton>
      <p role="status">{result}</p>
      <Fault action={action} />
    </section>
  );
}
