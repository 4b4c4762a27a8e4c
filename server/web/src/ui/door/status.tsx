// How the door is: whether it can be heard at all, and what keeps it from seeing or recording.

import type { JSX } from "preact";

import type { Link, View } from "../../door/view.ts";
import { Icon } from "../parts/icons.tsx";
import { type Told, UNTOLD, WELL, toldCondition } from "./condition.ts";

interface Status {
  readonly tone: "good" | "bad" | "off" | "waiting";
  readonly words: string;
}

const CONNECTING: Status = { tone: "waiting", words: "Connecting…" };

/** The header's few words. */
export function Status({ view }: { readonly view: View }): JSX.Element {
  const { tone, words } = statusOf(view);
  return (
    <p class={`link ${tone}`} role="status">
      {words}
    </p>
  );
}

/** What is wrong, each with its sentence, for everybody of the household. */
export function Trouble({ view }: { readonly view: View }): JSX.Element {
  if (view.alarm !== null) return <Alarm reason={view.alarm} />;
  if (view.link.kind !== "live") return <Silence link={view.link} />;
  return (
    <>
      {inTheWay(view).map(({ isBad, title, sentence }) => (
        <div key={title} class={isBad ? "banner" : "banner calm"} role="note">
          <Icon name={isBad ? "warn" : "eye"} />
          <div>
            <h2>{title}</h2>
            <p>{sentence}</p>
          </div>
        </div>
      ))}
    </>
  );
}

function statusOf(view: View): Status {
  if (view.alarm !== null) return { tone: "bad", words: "Not trusted" };
  switch (view.link.kind) {
    case "connecting":
      return CONNECTING;
    case "unreachable":
      return { tone: "bad", words: "Door not reachable" };
    case "interfered":
      return { tone: "bad", words: "Not your door" };
    case "stranger":
      return { tone: "bad", words: "Not recognised" };
    case "live": {
      if (view.conditions === null) return CONNECTING;
      const [gravest] = inTheWay(view);
      if (gravest === undefined) return { tone: "good", words: WELL };
      return { tone: gravest.isBad ? "bad" : "off", words: gravest.short };
    }
  }
}

function inTheWay({ conditions, verified, member }: View): readonly Told[] {
  if (conditions === null) return [];
  if (conditions === "untold") return [UNTOLD];
  return conditions.map((condition) => toldCondition(condition, verified, member.keys.sign));
}

function Alarm({ reason }: { readonly reason: string }): JSX.Element {
  return (
    <div class="banner bad" role="alert">
      <Icon name="warn" />
      <div>
        <h2>The door’s record is not the one from before</h2>
        <p>{`Something is wrong: ${reason}. Records only ever grow, so somebody may have replaced the door’s memory. Nothing more is shown, so that you are not shown a false past.`}</p>
        <p>
          If you reset the door yourself, open the link of its new card. If you did not, keep the device as it is and
          look into it.
        </p>
      </div>
    </div>
  );
}

function Silence({ link }: { readonly link: Link }): JSX.Element | null {
  switch (link.kind) {
    case "unreachable":
      return (
        <Banner title="Door not reachable">
          It may be without power or network. What is shown here may be old; it keeps trying by itself.
        </Banner>
      );
    case "interfered":
      return (
        <Banner title="This answer is not from your door">
          What came was not signed by your door, so it was thrown away. Somebody may be interfering with the connection.
        </Banner>
      );
    case "stranger":
      return (
        <Banner title="The door does not recognise this device">
          Somebody of the household may have removed it, or the door was reset. The card’s link lets it join again.
        </Banner>
      );
    case "connecting":
    case "live":
      return null;
  }
}

const Banner = ({ title, children }: { readonly title: string; readonly children: string }): JSX.Element => (
  <div class="banner" role="alert">
    <Icon name="warn" />
    <div>
      <h2>{title}</h2>
      <p>{children}</p>
    </div>
  </div>
);
