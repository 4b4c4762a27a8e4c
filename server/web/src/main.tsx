// The page's beginning. A card's code leaves the address bar before anything else happens: it must not stay in the history.

import { render } from "preact";

import { codeInFragment } from "./format/card.ts";
import { App } from "./ui/app.tsx";
import "./ui/app.css";

function takeCode(): string | null {
  const code = codeInFragment(location.hash);
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return code;
}

function show(code: string | null): void {
  const page = document.getElementById("page");
  if (page) render(<App code={code} />, page);
}

show(takeCode());
addEventListener("hashchange", () => {
  const code = takeCode();
  if (code !== null) show(code);
});
