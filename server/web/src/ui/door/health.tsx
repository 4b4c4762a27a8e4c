// Health: how each thing of the door is, and what to do, in the door's own words; and until when its certificates are valid, which
// the server says, as it alone has them.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Health as Told } from "../../door/health.ts";
import type { Household } from "../../door/household.ts";
import type { Finding } from "../../format/health.ts";
import { inWords } from "../parts/action.tsx";
import { judgeCertificates, untilUtc } from "./certificates.ts";

const LOOK_MS = 60_000;

const LEVEL: Readonly<Record<Finding["level"], string>> = {
  ok: "well",
  unknown: "not known",
  warning: "warning",
  fault: "fault",
};

const OPENS_NOT: Finding = {
  subject: "sealed film",
  level: "fault",
  says: "the film of the last self-test does not open on this device as it should",
  do: "see whether recordings still play here; if they do not, ask somebody of the household who can open them",
};

export function Health({ household }: { readonly household: Household }): JSX.Element {
  const [told, setTold] = useState<Told | null>(null);
  const [until, setUntil] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    let isOver = false;
    const look = (): void => {
      household.health.look().then(
        (health) => {
          if (isOver) return;
          setTold(health);
          setFault(null);
        },
        (error: unknown) => {
          if (!isOver) setFault(inWords(error));
        },
      );
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    void untilUtc().then(setUntil);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [household]);
  return (
    <section aria-labelledby="health">
      <h2 id="health">Health</h2>
      {fault !== null && <p role="alert">{`How the door is, is not known now. ${fault}`}</p>}
      {fault === null && told === null && <p>The door is being asked.</p>}
      {fault === null && told?.report === "untold" && (
        <p role="alert">The door answers, and does not say how it is. Its journal may say why.</p>
      )}
      {fault === null && told !== null && told.report !== "untold" && (
        <>
          <p>What the door finds of itself. More, such as its network, is found at the Pi: “sudo doorward doctor”.</p>
          <ul class="health">
            {[
              ...(told.opens === false ? [OPENS_NOT] : []),
              ...told.report.findings,
              ...judgeCertificates(until, told.report.at_utc),
            ].map((finding) => (
              <Line key={finding.subject} finding={finding} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const Line = ({ finding: { subject, level, says, do: help } }: { readonly finding: Finding }): JSX.Element => (
  <li class={level}>
    <p class="health-subject">
      {sentence(subject)} <span class="health-level">{LEVEL[level]}</span>
    </p>
    <p>{`${sentence(says)}.`}</p>
    {help !== "" && <p class="health-do">{`What to do: ${help}.`}</p>}
  </li>
);

const sentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
