/** The heading of a view: going to the view moves the focus to it, so that it is read out and reading starts there. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { hasMoved } from "../navigation/router.js";

export function Heading({ children, class: name }: { children: ComponentChildren; class?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    // Somebody who is typing goes on typing.
    if (hasMoved() && !(document.activeElement instanceof HTMLInputElement))
      heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} class={name} tabIndex={-1} dir="auto">
      {children}
    </h1>
  );
}

export const focusHeading = (): void => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
